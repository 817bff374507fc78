import type { Environment } from './environment.ts'
import type { Figure } from './figure.ts'

/** The result of one benchmark, as `--json` prints it. */
export interface BenchReport {
  readonly bench: string
  readonly environment: Environment
  readonly figures: readonly Figure[]
}

/** The report as a table for people. */
export function reportText({ bench, environment, figures }: BenchReport): string {
  const { node, system, cpu, cores, memoryGiB, load } = environment
  const head = ['figure', 'unit', 'ours', 'target', 'peer', 'ratio', 'compared with']
  const rows = figures.map((each) => [
    each.name,
    each.unit,
    String(each.value),
    each.target ?? '-',
    String(each.peerValue ?? '-'),
    String(each.ratio ?? '-'),
    each.peer ?? '-',
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    `${bench}: medians; ${node}, ${system}, ${cores} x ${cpu}, ${memoryGiB} GiB, load ${load}`,
    '',
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
  ].join('\n')
}
