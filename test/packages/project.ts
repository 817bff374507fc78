import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../scripts/workspace.mjs'
import { command, must } from './command.ts'
import { importProgram, requireProgram } from './entry-programs.ts'
import type { NodeVersion } from './node-version.ts'
import type { PackedPackage } from './pack.ts'
import { readmeExamples } from './readme-examples.ts'

/** An application that uses the packages: nothing in it but them, TypeScript and Node's types. */
export interface Project {
  readonly folder: string
  readonly node: NodeVersion
  readonly signal: AbortSignal
}

const SETTINGS = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    rootDir: 'src',
    outDir: 'out',
  },
  include: ['src'],
}

/** Installs tarballs, and nothing of the workspace, as npm does for everybody. */
export async function install(
  { folder, node, signal }: Project,
  packages: readonly PackedPackage[],
): Promise<void> {
  write(folder, 'package.json', JSON.stringify({ name: 'app', private: true, type: 'module' }))
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const tools = ['typescript', '@types/node'].map((name) => `${name}@${versionHere(name)}`)
  const what = [...packages.map(({ tarball }) => tarball), ...tools]
  await must(['npm', 'install', ...quiet, ...what], { cwd: folder, env: node.env, signal })
}

/** Writes what is compiled: the examples of a page, and programs that bring in a package's entries. */
export function writeSources(
  { folder }: Project,
  pages: Readonly<Record<string, string>>,
  packages: readonly PackedPackage[],
): void {
  write(folder, 'tsconfig.json', JSON.stringify(SETTINGS))
  for (const { folder: name, specifiers } of packages) {
    if (specifiers.length === 0) continue
    write(folder, `src/${name}/entries.mts`, importProgram(specifiers))
    write(folder, `src/${name}/entries.cts`, requireProgram(specifiers))
  }
  for (const [name, markdown] of Object.entries(pages)) {
    for (const { line, files } of readmeExamples(markdown)) {
      for (const [file, text] of Object.entries(files)) {
        write(folder, `src/${name}/readme-${line}/${file}`, text)
      }
    }
  }
}

/** Compiles them; resolves with what the compiler finds wrong, by lines. */
export async function compile({ folder, node, signal }: Project): Promise<string[]> {
  const tsc = ['node', 'node_modules/typescript/bin/tsc', '--pretty', 'false']
  const { stdout } = await command(tsc, { cwd: folder, env: node.env, signal })
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '))
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function versionHere(name: string): string {
  const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
