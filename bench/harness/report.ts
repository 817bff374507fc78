import type { Findings } from './benchmark.ts'
import type { Environment } from './environment.ts'
import { tableText } from './table.ts'

/** The result of one benchmark, as `--json` prints it. */
export interface BenchReport extends Findings {
  readonly bench: string
  readonly environment: Environment
}

/** The report as tables for people. */
export function reportText({ bench, environment, figures, tables, notes }: BenchReport): string {
  const { node, system, cpu, cores, memoryGiB, load } = environment
  const head = ['figure', 'unit', 'ours', 'target', 'peer', 'ratio', 'compared with']
  const rows = figures.map((each) => [
    each.name,
    each.unit,
    each.value,
    each.target ?? '-',
    each.peerValue ?? '-',
    each.ratio ?? '-',
    each.peer ?? '-',
  ])
  return [
    `${bench}: medians; ${node}, ${system}, ${cores} x ${cpu}, ${memoryGiB} GiB, load ${load}`,
    tableText({ head, rows }),
    ...(tables ?? []).map((table) => `${table.title}\n\n${tableText(table)}`),
    ...(notes ?? []),
  ].join('\n\n')
}
