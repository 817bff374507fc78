import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/workspace.mjs'
import { type CheckRun, OWN_PAGE, packageChecks, pageChecks } from './checks.ts'
import { messageOf } from './message-of.ts'
import { type NodeVersion, nodeVersion } from './node-version.ts'
import { NotHere } from './not-here.ts'
import type { PackedPackage } from './pack.ts'
import { compile, install, type Project, writeSources } from './project.ts'
import type { Check, NodeResult } from './results.ts'

/** What a version of Node.js is tried with. */
export interface Trial {
  readonly packages: readonly PackedPackage[]
  /** Where its project is made; not in the workspace, whose packages would be found from there. */
  readonly folder: string
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** Makes a project with all packages on one version of Node.js, and checks each of them there. */
export async function tryNode(node: string, trial: Trial): Promise<NodeResult> {
  const { packages, folder, say, signal } = trial
  const checks: Check[] = []
  const attempt = async (name: string, check: string, run: CheckRun): Promise<boolean> => {
    const { ok, detail } = await outcome(run)
    signal.throwIfAborted()
    checks.push({ package: name, check, ok, detail })
    if (ok !== true) say(`${name}: ${check} ${ok === null ? 'skipped' : 'FAILED'}: ${detail}`)
    return ok === true
  }

  let version: NodeVersion | undefined
  const have = async () => (version = await nodeVersion(node, signal)).version
  if (!(await attempt(OWN_PAGE, 'node', have)) || !version) return { node, version: null, checks }
  say(`Node.js ${version.version}`)
  mkdirSync(folder, { recursive: true })
  const project: Project = { folder, node: version, signal }
  const installed = async () => {
    await install(project, packages)
    return `${packages.length} tarballs`
  }
  if (await attempt(OWN_PAGE, 'install', installed)) {
    const pages = packages.map(({ folder: name, readme }) => [name, readme])
    const own = readFileSync(join(root, 'README.md'), 'utf8')
    writeSources(project, { ...Object.fromEntries(pages), [OWN_PAGE]: own }, packages)
    const faults = await compile(project)
    const suites = packages.map(
      (each) => [each.manifest.name, packageChecks(project, each, faults)] as const,
    )
    for (const [name, runs] of [...suites, [OWN_PAGE, pageChecks(project, faults)] as const]) {
      for (const [check, run] of Object.entries(runs)) await attempt(name, check, run)
    }
  }
  return { node, version: version.version, checks }
}

async function outcome(run: CheckRun): Promise<Pick<Check, 'ok' | 'detail'>> {
  try {
    return { ok: true, detail: await run() }
  } catch (error) {
    return { ok: error instanceof NotHere ? null : false, detail: messageOf(error) }
  }
}
