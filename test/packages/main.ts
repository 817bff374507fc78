import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableText } from '../../bench/harness/table.ts'
import { type Arguments, helpText, readArguments } from './arguments.ts'
import { figuresOf } from './figures.ts'
import { messageOf } from './message-of.ts'
import { pack } from './pack.ts'
import { allPassed, type NodeResult, type PackageFigures, resultTable } from './results.ts'
import { tryNode } from './try-node.ts'
import { workspacePackages } from './workspace-package.ts'

process.exitCode = await main()

async function main(): Promise<number> {
  let options: Arguments
  try {
    options = readArguments(process.argv.slice(2))
  } catch (error) {
    say(`${messageOf(error)}\n\n${helpText}`)
    return 2
  }
  if (options.help) {
    process.stdout.write(`${helpText}\n`)
    return 0
  }
  const { signal } = stop()
  const folder = mkdtempSync(join(tmpdir(), 'worker-recycler-packages-'))
  try {
    const { packages, nodes } = await run(options, folder, signal)
    const table = tableText(resultTable(packages, nodes))
    process.stdout.write(`${options.json ? JSON.stringify({ packages, nodes }) : table}\n`)
    return allPassed(nodes) ? 0 : 1
  } catch (error) {
    say(messageOf(error))
    return 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(
  { nodes, build }: Arguments,
  folder: string,
  signal: AbortSignal,
): Promise<{ packages: PackageFigures[]; nodes: NodeResult[] }> {
  say(build ? 'build and pack' : 'pack')
  const packages = await pack(workspacePackages(), { to: join(folder, 'tarballs'), build, signal })
  const figures: PackageFigures[] = []
  const results: NodeResult[] = []
  for (const node of nodes) {
    const startMs = performance.now()
    const project = join(folder, `node-${node}`)
    const result = await tryNode(node, { packages, folder: project, say, signal })
    results.push(result)
    say(`${result.checks.length} checks, ${Math.round((performance.now() - startMs) / 1000)} s`)
    const installed = result.checks.some(({ check, ok }) => check === 'install' && ok)
    // The files are the same on every version.
    if (figures.length > 0 || !installed) continue
    for (const each of packages) figures.push(await figuresOf(each, project))
  }
  return { packages: figures, nodes: results }
}

/** Aborts when this process is asked to stop, so that no program outlives it. */
function stop(): AbortController {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => controller.abort(new Error(`Stopped by ${name}.`)))
  }
  return controller
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
