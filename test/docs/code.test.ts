import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { codeBlocks, codeSpans, tableRows } from './kit/markdown.ts'
import { pages, read, ROOT } from './kit/pages.ts'
import { compilerOptions, loadSources, ownMembers } from './kit/sources.ts'

const blocks = pages().flatMap((page) =>
  codeBlocks(read(page)).map((block) => ({
    ...block,
    page,
    file: valueOf(block.words, 'file'),
  })),
)
const isTypeScript = ({ language }: { language: string }) => ['ts', 'typescript'].includes(language)

describe('code on the pages', () => {
  it('that names a file is that file', () => {
    const named = blocks.filter(({ file }) => file !== undefined)
    expect(named.length).toBeGreaterThanOrEqual(4)
    for (const { file = '', code, page, line } of named) {
      expect(code, `${page}:${line}`).toBe(regionOf(file))
    }
  })

  it('is exempt from the type check only for a reason', () => {
    for (const { words, before, page, line } of blocks) {
      if (!words.includes('no-check')) continue
      expect(before, `${page}:${line}`).toMatch(/^<!-- no-check: .{10,} -->$/)
    }
  })

  it('has the right types', () => {
    const virtual = new Map(
      blocks
        .filter((block) => isTypeScript(block) && block.file === undefined)
        .filter(({ words }) => !words.includes('no-check'))
        .map(({ page, line, code, words }) => [
          join(
            ROOT,
            valueOf(words, 'in') ?? 'test/docs',
            `${page.replaceAll('/', '-')}-line-${line}.ts`,
          ),
          code,
        ]),
    )
    expect(virtual.size).toBeGreaterThan(5)
    expect(typeErrors(virtual)).toEqual([])
  })
})

describe('tables on the pages', () => {
  const MARKER = /<!-- members: (\S+) (\w+) -->\n+((?:\|.*\n)+)/g
  const tables = pages().flatMap((page) =>
    [...read(page).matchAll(MARKER)].map(([, path = '', name = '', table = '']) => ({
      page,
      path,
      name,
      table,
    })),
  )

  it('that show an interface have its members, required and optional', () => {
    const sources = loadSources()
    expect(tables.length).toBeGreaterThan(5)
    for (const { page, path, name, table } of tables) {
      const shown = tableRows(table).map(
        ([member = '', required]) => `${codeSpans(member).join()}${required === 'no' ? '?' : ''}`,
      )
      expect(shown.toSorted(), `${name} in ${page}`).toEqual(
        ownMembers(sources.file(path), name).toSorted(),
      )
    }
  })
})

/** Of the words after a fence: `file=...` says which file it is, `in=...` in which folder it would lie. */
function valueOf(words: readonly string[], key: string): string | undefined {
  return words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1)
}

/** A file, or the lines between `// #region name` and `// #endregion` of it. */
function regionOf(reference: string): string {
  const [path = '', region] = reference.split('#')
  const text = read(path)
  if (region === undefined) return text
  const [, body] = new RegExp(`// #region ${region}\n([^]*?)// #endregion`).exec(text) ?? []
  if (body === undefined) throw new Error(`There is no region ${region} in ${path}`)
  return body
}

function typeErrors(virtual: ReadonlyMap<string, string>): string[] {
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram([...virtual.keys()], options, {
    ...host,
    fileExists: (path) => virtual.has(path) || host.fileExists(path),
    readFile: (path) => virtual.get(path) ?? host.readFile(path),
    getSourceFile: (path, settings) => {
      const code = virtual.get(path)
      return code === undefined
        ? host.getSourceFile(path, settings)
        : ts.createSourceFile(path, code, settings)
    },
  })
  return [...virtual.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText, start = 0 }) => {
        const { line = 0 } = file?.getLineAndCharacterOfPosition(start) ?? {}
        return `${path} +${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
      },
    )
  })
}
