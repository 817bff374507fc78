import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { ROOT } from './pages.ts'

/** The compiler's options of the whole workspace. */
export function compilerOptions(): ts.CompilerOptions {
  const path = join(ROOT, 'tsconfig.base.json')
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: object }
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options
}

/** The sources of all packages as the compiler sees them. */
export interface Sources {
  readonly checker: ts.TypeChecker
  /** One file by its path from the root. */
  file(path: string): ts.SourceFile
  /** All files of `src`, but for what helps to test. */
  readonly files: readonly ts.SourceFile[]
}

/** Loads the sources; takes some seconds. */
export function loadSources(): Sources {
  const paths = readdirSync(join(ROOT, 'packages')).flatMap((name) =>
    readdirSync(join(ROOT, 'packages', name, 'src'), { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.ts') && !path.startsWith('testing/'))
      .map((path) => join(ROOT, 'packages', name, 'src', path)),
  )
  const program = ts.createProgram(paths, compilerOptions())
  const own = new Set(paths)
  return {
    checker: program.getTypeChecker(),
    file: (path) => {
      const found = program.getSourceFile(join(ROOT, path))
      if (!found) throw new Error(`There is no source ${path}`)
      return found
    },
    files: program.getSourceFiles().filter(({ fileName }) => own.has(fileName)),
  }
}

/** Calls `visit` for every node of a file. */
export function eachNode(file: ts.SourceFile, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node) => {
    visit(node)
    ts.forEachChild(node, walk)
  }
  walk(file)
}

/** The declaration of an interface or a type of this name. */
function declaration(
  file: ts.SourceFile,
  name: string,
): ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  const found = file.statements.find(
    (statement): statement is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
      (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
      statement.name.text === name,
  )
  if (found) return found
  throw new Error(`There is no ${name} in ${relative(ROOT, file.fileName)}`)
}

/** An interface's own members, in order: `name`, or `name?` for one that is optional. */
export function ownMembers(file: ts.SourceFile, name: string): string[] {
  const found = declaration(file, name)
  if (!ts.isInterfaceDeclaration(found)) throw new Error(`${name} is no interface`)
  return found.members.map((member) => {
    const text = member.name && ts.isStringLiteral(member.name) ? member.name.text : undefined
    return `${text ?? member.name?.getText(file)}${member.questionToken ? '?' : ''}`
  })
}

/** The members of a union of string literals. */
export function literals({ checker }: Sources, file: ts.SourceFile, name: string): string[] {
  const type = checker.getTypeAtLocation(declaration(file, name).name)
  const parts = type.isUnion() ? type.types : [type]
  return parts.filter((part) => part.isStringLiteral()).map((part) => part.value)
}

/** The payload's fields of every event of an interface: `name`, or `name?`. */
export function payloads(
  { checker }: Sources,
  file: ts.SourceFile,
  name: string,
): Map<string, string[]> {
  const type = checker.getTypeAtLocation(declaration(file, name).name)
  return new Map(
    type.getProperties().map((event) => {
      const tuple = checker.getTypeOfSymbolAtLocation(event, file) as ts.TypeReference
      const [payload] = checker.getTypeArguments(tuple)
      const fields = (payload?.getProperties() ?? []).map(
        (field) => `${field.name}${field.flags & ts.SymbolFlags.Optional ? '?' : ''}`,
      )
      return [event.name, fields]
    }),
  )
}
