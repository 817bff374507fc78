// Does with memory what its only argument says, watches itself meanwhile, and prints what it hears.
import { closeSync, openSync, readSync } from 'node:fs'
import { silentLogger, systemClock } from '@worker-recycler/core'
import { psiMonitor, type PsiMonitorOptions } from '@worker-recycler/psi-monitor'

/** What a monitored worker does, once its first reading is there. */
export interface Work {
  readonly monitor?: PsiMonitorOptions
  /** Held before it watches. */
  readonly holdMb?: number
  /** Held on top, so much a second, until it is killed. */
  readonly leakMbPerSecond?: number
  /** A file that is read again and again; `{ passes }` counts. */
  readonly file?: string
}

const MB = 2 ** 20
const STEP_MS = 20

const work = JSON.parse(process.argv[2] ?? '{}') as Work
// Unlike that of `performance.now`, this time is the same in all processes.
const clock = { ...systemClock, nowMs: () => Number(process.hrtime.bigint()) / 1e6 }

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const held: Buffer[] = []
// Filled, for memory that is only reserved is not held.
const hold = (bytes: number): void => void held.push(Buffer.alloc(bytes, 1))

function leak(mbPerSecond: number): void {
  let atMs = clock.nowMs()
  setInterval(() => {
    const elapsedMs = clock.nowMs() - atMs
    atMs += elapsedMs
    // On a slow machine it leaks less, so that the event loop still turns.
    hold((Math.min(elapsedMs, 2 * STEP_MS) / 1000) * mbPerSecond * MB)
  }, STEP_MS)
}

/** Reads the file in steps, between which the event loop turns. */
function read(path: string, passes: number): void {
  const piece = Buffer.alloc(MB)
  const file = openSync(path, 'r')
  const step = () => {
    if (readSync(file, piece) > 0) return void setImmediate(step)
    closeSync(file)
    say({ passes })
    read(path, passes + 1)
  }
  setImmediate(step)
}

hold((work.holdMb ?? 0) * MB)
const logger = { ...silentLogger, warn: (_: unknown, warned: string) => say({ warned }) }
const monitor = psiMonitor({ ...work.monitor, logger })
let isFirst = true
for await (const reading of monitor.watch({ signal: new AbortController().signal, clock })) {
  say({ reading, seenMs: clock.nowMs() })
  if (!isFirst) continue
  isFirst = false
  say({ sources: monitor.sources() })
  if (work.leakMbPerSecond) leak(work.leakMbPerSecond)
  if (work.file !== undefined) read(work.file, 1)
}
