import type { Clock, Logger } from '@worker-recycler/core'
import type { MemoryReport } from '../protocol.ts'
import { readProcStatus } from './proc-status.ts'
import { readPs } from './ps.ts'

/** Reads a worker's memory from outside; undefined when it cannot tell. */
export type ReadMemory = (
  pid: number,
  options: { readonly signal: AbortSignal },
) => Promise<{ readonly usedBytes: number } | undefined>

/** A report of the worker about itself, and when it came on the monotonic clock. */
export interface DatedReport extends MemoryReport {
  readonly atMs: number
}

/** A reading, and where it comes from. */
export interface MemoryReading {
  readonly usedBytes: number
  readonly source: 'application' | 'procfs' | 'report' | 'ps'
}

/** Reads one worker's memory by the best source there is. */
export type MemoryReader = (
  pid: number,
  report: DatedReport | undefined,
  signal: AbortSignal,
) => Promise<MemoryReading | undefined>

/** The application's reader gets so much time, lest a hanging one switches the limits off. */
const OWN_MS = 1000

/** A report older than this says nothing: the worker's event loop stands still. */
const REPORT_FRESH_MS = 3000

/** Makes the reader: the application's own, procfs, the worker's report while it is fresh, `ps`. */
export function createMemoryReader(parts: {
  readonly readMemory: ReadMemory | undefined
  readonly procRoot: string
  readonly clock: Clock
  readonly logger: Logger
}): MemoryReader {
  const { readMemory, procRoot, clock, logger } = parts
  return async (pid, report, signal) => {
    const own = readMemory && (await readOwn(readMemory, pid, signal, clock, logger))
    if (own !== undefined) return { usedBytes: own, source: 'application' }
    const outside = await readProcStatus(procRoot, pid, signal)
    if (outside !== undefined) return { usedBytes: outside, source: 'procfs' }
    if (report && clock.nowMs() - report.atMs <= REPORT_FRESH_MS) {
      return { usedBytes: report.rssBytes, source: 'report' }
    }
    const resident = await readPs(pid, signal)
    return resident === undefined ? undefined : { usedBytes: resident, source: 'ps' }
  }
}

async function readOwn(
  readMemory: ReadMemory,
  pid: number,
  signal: AbortSignal,
  clock: Clock,
  logger: Logger,
): Promise<number | undefined> {
  const over = new AbortController()
  let cancel = () => {}
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.setTimer(OWN_MS, () => {
      const error = new Error(`It took longer than ${OWN_MS} ms`)
      over.abort(error)
      reject(error)
    })
  })
  try {
    const reading = readMemory(pid, { signal: AbortSignal.any([signal, over.signal]) })
    const usedBytes = (await Promise.race([reading, late]))?.usedBytes
    return Number.isFinite(usedBytes) ? usedBytes : undefined
  } catch (error) {
    logger.warn({ pid, error }, 'The option `readMemory` failed; other sources are used instead')
    return undefined
  } finally {
    cancel()
  }
}
