import type { StopBudget } from '../contracts/enforcer.ts'
import { RecyclerError } from '../errors.ts'

/**
 * The time that a worker takes to leave, divided into slices. Each phase has at most its slice from
 * the moment when it begins; none can reach into the next one's.
 */
export interface Budget {
  /** From the moment when quiescing begins. */
  readonly totalMs: number
  /** Running jobs may finish; includes the time until no fetch is in flight. */
  readonly drainMs: number
  /** Jobs asked to stop may do so. */
  readonly abortMs: number
  /** Unfinished jobs are handed back. Reserved: no earlier phase can use it up. */
  readonly handBackMs: number
  /** Ledger, adapters, exit. */
  readonly closeMs: number
}

/** What an application may say about its budget. */
export interface BudgetOptions {
  /** The whole time to leave. Defaults to the supervisor's stop budget less the margin, or 25 s without a supervisor. */
  readonly totalMs?: number
  /** Kept free before the supervisor kills. Defaults to 5 % of the stop budget, at least 500 ms. */
  readonly marginMs?: number
}

const DEFAULT_TOTAL_MS = 25_000
const MIN_MARGIN_MS = 500
const MARGIN_SHARE = 0.05
const ABORT_SHARE = 0.15
const HAND_BACK_SHARE = 0.1
const CLOSE_SHARE = 0.05
const MIN_HAND_BACK_MS = 500
const MIN_CLOSE_MS = 250
/** Less than this leaves no time for jobs once the reserved slices are taken. */
const MIN_TOTAL_MS = 1000

/**
 * Divides the time to leave. Throws `BUDGET_TOO_LARGE` when the supervisor would kill before its
 * end, `BUDGET_TOO_SMALL` when the reserved slices leave nothing for running jobs.
 */
export function resolveBudget(options: BudgetOptions, supervisor: StopBudget): Budget {
  const marginMs = options.marginMs ?? Math.max(MIN_MARGIN_MS, supervisor.ms * MARGIN_SHARE)
  const availableMs = supervisor.ms - marginMs
  const totalMs = options.totalMs ?? (supervisor.ms === Infinity ? DEFAULT_TOTAL_MS : availableMs)
  if (supervisor.ms !== Infinity && totalMs > availableMs) {
    throw new RecyclerError(
      'BUDGET_TOO_LARGE',
      `The budget of ${totalMs} ms does not fit: the supervisor kills after ${supervisor.ms} ms ` +
        `(${supervisor.from}), less a margin of ${marginMs} ms. Lower \`budget.totalMs\` to ` +
        `${Math.max(0, availableMs)} or raise the supervisor's stop time`,
    )
  }
  // Written so that an enforcer that answers with no number at all is refused.
  if (!(totalMs >= MIN_TOTAL_MS)) {
    throw new RecyclerError(
      'BUDGET_TOO_SMALL',
      `A budget of ${totalMs} ms is too small to drain and hand back jobs: ${MIN_TOTAL_MS} ms is ` +
        `the least. The supervisor's stop time is ${supervisor.ms} ms (${supervisor.from})`,
    )
  }
  const handBackMs = Math.max(MIN_HAND_BACK_MS, totalMs * HAND_BACK_SHARE)
  const closeMs = Math.max(MIN_CLOSE_MS, totalMs * CLOSE_SHARE)
  const abortMs =
    (totalMs - handBackMs - closeMs) * (ABORT_SHARE / (1 - HAND_BACK_SHARE - CLOSE_SHARE))
  return {
    totalMs,
    drainMs: totalMs - abortMs - handBackMs - closeMs,
    abortMs,
    handBackMs,
    closeMs,
  }
}
