import type { QueueStatus, WorkerStatus } from '../queue/status.ts'
import { formatDuration } from './duration.ts'
import { printable } from './printable.ts'
import { NAME } from './process-output.ts'
import type { Shared, StatusReport } from './status-report.ts'
import { type Cell, table } from './table.ts'

const MEGA = 1024 * 1024

/** The report as people read it. */
export function statusText(report: StatusReport): string {
  const { keeper, orphans, quarantine, workers } = report
  const states = ['lost', 'recovering'].map((state) => {
    return `${workers.filter((worker) => worker.state === state).length} ${state}`
  })
  const facts = [
    `Keeper: ${keeper === undefined ? 'none; the next worker becomes it' : printable(keeper)}`,
    `Orphans: ${orphans.length === 0 ? 'none' : states.join(', ')}`,
    `Quarantine: ${quarantine === 0 ? 'empty' : `${quarantine}; see ${NAME} quarantine list`}`,
  ]
  const parts = [queueLines(report), workerLines(report), facts]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

type Count = Exclude<keyof QueueStatus, 'name'>

const COLUMNS: readonly (readonly [Count, string])[] = [
  ['waiting', 'waiting'],
  ['suspects', 'alone'],
  ['held', 'running'],
  ['scheduled', 'delayed'],
  ['retry', 'retry'],
  ['dead', 'dead'],
  ['quarantine', 'quarantine'],
]

function queueLines({ queues, shared, layout }: StatusReport): string[] {
  const [any] = queues
  if (!any) return ['No queue exists: nothing was enqueued, and no worker has started']
  const isShared = (count: Count) => (shared as readonly Count[]).includes(count)
  // In the native layout failed jobs are among the delayed ones.
  const columns = COLUMNS.filter(
    ([count]) => !isShared(count) && !(count === 'retry' && layout === 'native'),
  )
  const rows = queues.map((queue) => [queue.name, ...columns.map(([count]) => queue[count])])
  const lines = table(['QUEUE', ...columns.map(([, title]) => title.toUpperCase())], rows)
  if (shared.length === 0) return lines
  const titles = new Map<Shared, string>(COLUMNS as readonly (readonly [Shared, string])[])
  const together = shared.map((count) => `${any[count]} ${titles.get(count)}`)
  return [...lines, `All queues together: ${together.join(', ')}`]
}

function workerLines({ workers, atEpochMs }: StatusReport): string[] {
  if (workers.length === 0) return ['No worker is registered']
  const head = ['WORKER', 'STATE', 'JOBS', 'MEMORY', 'AGE', 'LEASE', 'QUEUES']
  const lines = table(
    head,
    workers.map((worker) => workerRow(worker, atEpochMs)),
  )
  const [title = '', ...rows] = lines
  return [title, ...rows.flatMap((row, index) => [row, ...jobLines(workers[index])])]
}

function workerRow(worker: WorkerStatus, atEpochMs: number): Cell[] {
  const { identity, name, state, jobs, concurrency, rssBytes, leaseMs, stalledMs } = worker
  return [
    name === undefined ? identity : `${name} (${identity})`,
    stalledMs === undefined ? state : `${state} for ${formatDuration(stalledMs)}`,
    `${jobs.length} of ${concurrency}`,
    rssBytes === undefined ? '-' : `${Math.round(rssBytes / MEGA)} MiB`,
    worker.startedAtEpochMs > 0 ? formatDuration(atEpochMs - worker.startedAtEpochMs) : '-',
    leaseMs > 0 ? formatDuration(leaseMs) : 'over',
    worker.queues.join(','),
  ]
}

function jobLines(worker: WorkerStatus | undefined): string[] {
  const rows = (worker?.jobs ?? []).map(({ id, name, queue, ageMs }) => [
    '  ',
    printable(name, 40),
    printable(id, 40),
    queue,
    ageMs === undefined ? '-' : formatDuration(ageMs),
  ])
  return table(['', '', '', '', ''], rows).slice(1)
}
