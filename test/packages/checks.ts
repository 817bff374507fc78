import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, must } from './command.ts'
import { EXAMPLE_RUNS } from './example-runs.ts'
import type { PackedPackage } from './pack.ts'
import type { Project } from './project.ts'
import { runExample } from './run-example.ts'

/** The name under which the project's own page stands among the packages. */
export const OWN_PAGE = 'README.md'

/** One check; resolves with what it saw, throws when something does not hold. */
export type CheckRun = () => Promise<string>

/** What is checked of one package in a project, by name; `faults` are the compiler's. */
export function packageChecks(
  project: Project,
  { manifest, folder, specifiers, commands }: PackedPackage,
  faults: readonly string[],
): Record<string, CheckRun> {
  const { node, signal } = project
  const options = { cwd: project.folder, env: node.env, signal }
  const entries = (file: string) => must(['node', `out/${folder}/${file}`], options)
  return {
    files: async () => files(join(project.folder, 'node_modules', manifest.name)),
    types: async () => types(faults, [`src/${folder}/`, `node_modules/${manifest.name}/`]),
    ...(specifiers.length > 0 && {
      import: async () => {
        const { stdout, stderr } = await entries('entries.mjs')
        return described(stdout, stderr)
      },
      require: async () => {
        const imported = await entries('entries.mjs')
        const { stdout, stderr } = await entries('entries.cjs')
        if (stdout !== imported.stdout) throw new Error(`${stdout} is not ${imported.stdout}`)
        return described(stdout, stderr)
      },
    }),
    ...Object.fromEntries(
      commands.map((name) => [
        `${name} --help`,
        async () => {
          const bin = join(project.folder, 'node_modules/.bin', name)
          const { code, stdout, stderr } = await command([bin, '--help'], options)
          if (code !== 0 || stdout.trim() === '') throw new Error(`ended with ${code}: ${stderr}`)
          return `${stdout.trim().split('\n').length} lines`
        },
      ]),
    ),
    ...exampleChecks(project, folder),
  }
}

/** What is checked of the project's own page. */
export function pageChecks(project: Project, faults: readonly string[]): Record<string, CheckRun> {
  return {
    types: async () => types(faults, [`src/${OWN_PAGE}/`]),
    ...exampleChecks(project, ''),
  }
}

function exampleChecks(project: Project, folder: string): Record<string, CheckRun> {
  const run = EXAMPLE_RUNS.find((each) => each.folder === folder)
  if (run === undefined) return {}
  return {
    example: () => {
      const out = join(project.folder, 'out', folder === '' ? OWN_PAGE : folder)
      return runExample(run, firstExample(out), project)
    },
  }
}

function files(folder: string): string {
  for (const name of ['README.md', 'LICENSE']) {
    if (!existsSync(join(folder, name))) throw new Error(`There is no ${name} in the tarball`)
  }
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  const [inner] = /"(workspace|catalog):[^"]*"/.exec(text) ?? []
  if (inner !== undefined) throw new Error(`${inner} means nothing outside of the workspace`)
  return 'README.md, LICENSE, no word of the workspace'
}

function types(faults: readonly string[], places: readonly string[]): string {
  // What is wrong at no place is wrong for all; other people's types are theirs to mend.
  const isOwn = (line: string) =>
    !/^(src|node_modules)\//.test(line) || places.some((place) => line.startsWith(place))
  const own = faults.filter(isOwn)
  if (own.length > 0) throw new Error(own.join('\n'))
  return 'no fault'
}

function described(stdout: string, stderr: string): string {
  const names = (JSON.parse(stdout) as string[][]).map(({ length }) => length)
  if (names.includes(0)) throw new Error(`an entry exports nothing: ${stdout}`)
  const warning = stderr.includes('ExperimentalWarning') ? ', with an ExperimentalWarning' : ''
  return `${names.join(' and ')} names${warning}`
}

/** The folder of a page's first example; they are named after their lines. */
function firstExample(folder: string): string {
  const lines = readdirSync(folder).flatMap((name) => /^readme-(\d+)$/.exec(name)?.[1] ?? [])
  return join(folder, `readme-${Math.min(...lines.map(Number))}`)
}
