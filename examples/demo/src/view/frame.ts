import { styleText } from 'node:util'
import type { Fleet, WorkerView } from '../fleet.ts'
import { sparkline } from './sparkline.ts'

/** What a frame shows besides the workers. */
export interface Progress {
  readonly jobs: number
  readonly completed: number
  /** Completed jobs by worker process. */
  readonly doneBy: ReadonlyMap<string, number>
  readonly hardBytes: number
}

const MARKS = { recycle: '↻', kill: '✗' } as const
const MEBIBYTE = 1_048_576
const CHART_WIDTH = 40
const NEWS_LINES = 6

/** Draws one frame of the live view. */
export function frame(fleet: Fleet, progress: Progress): string {
  const { jobs, completed } = progress
  return [
    `${bar(completed / jobs)} ${completed} of ${jobs} jobs completed    ↻ recycled  ✗ killed`,
    '',
    ...fleet.workers.map((worker) => workerLine(worker, progress)),
    '',
    ...fleet.news.slice(-NEWS_LINES).map((line) => styleText('dim', `  ${line}`)),
  ].join('\n')
}

const COLOURS = { starting: 'cyan', working: 'green', leaving: 'yellow', gone: 'red' } as const

function workerLine(worker: WorkerView, { doneBy, hardBytes }: Progress): string {
  const used = worker.history.findLast((entry) => typeof entry === 'number') ?? 0
  const chart = sparkline(
    worker.history.map((entry) => (typeof entry === 'number' ? entry : MARKS[entry])),
    hardBytes,
  )
  const state = styleText(COLOURS[worker.state], worker.state.padEnd(8))
  const memory = `${Math.round(used / MEBIBYTE)} MiB`.padStart(8)
  const done = `${doneBy.get(worker.identity) ?? 0} done`.padStart(9)
  return `worker ${worker.slot}  ${String(worker.pid).padStart(7)}  ${state} ${memory} ${chart.padEnd(CHART_WIDTH)} ${done}`
}

function bar(share: number): string {
  const full = Math.round(share * 24)
  return `[${'█'.repeat(full)}${'·'.repeat(24 - full)}]`
}
