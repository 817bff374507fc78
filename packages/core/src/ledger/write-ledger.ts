import type { Lease } from '../contracts/job-source.ts'
import type { Reading } from '../contracts/monitor.ts'
import type { Reason } from '../contracts/reason.ts'
import { runningJobs } from '../jobs/job-log.ts'
import type { Leaving } from '../lifecycle/leaving.ts'
import type { Clock } from '../process/clock.ts'
import { seriesName } from '../watch/series.ts'
import type { Ledger, RunningJob } from './ledger.ts'
import type { PastRecycle } from './past-recycle.ts'

/** Everything about the moment when leaving was decided that is gone afterwards. */
export interface Decision {
  readonly atEpochMs: number
  readonly reasons: readonly Reason[]
  readonly readings: readonly Reading[]
  readonly running: readonly RunningJob[]
  /** The reading that stands for "memory before". */
  readonly before?: Reading
}

/** Notes the decision while it is fresh. */
export function noteDecision(
  clock: Clock,
  reasons: readonly Reason[],
  readings: readonly Reading[],
  inFlight: readonly Lease[],
  trigger: Reading | undefined,
): Decision {
  const before =
    trigger?.usedBytes === undefined
      ? readings.find(({ usedBytes }) => usedBytes !== undefined)
      : trigger
  return {
    atEpochMs: clock.epochMs(),
    reasons,
    readings,
    running: runningJobs(inFlight, clock),
    ...(before && { before }),
  }
}

/** How many earlier recycles a ledger carries on. */
const MAX_RECYCLES = 20

/** Everything that a ledger needs besides the decision. */
export type LedgerParts = Pick<
  Ledger,
  'identity' | 'uptimeMs' | 'jobs' | 'phases' | 'growthByJob'
> & {
  readonly leaving: Leaving
  readonly urgency?: Ledger['urgency']
  readonly endedAtEpochMs: number
  readonly earlier: readonly PastRecycle[]
}

/** Writes the record of one recycle or stop. */
export function writeLedger(decision: Decision, parts: LedgerParts): Ledger {
  const { earlier, urgency, leaving, ...rest } = parts
  const { before } = decision
  const beforeBytes = before?.usedBytes
  const now: PastRecycle[] =
    leaving === 'recycle' && before && beforeBytes !== undefined
      ? [{ atEpochMs: decision.atEpochMs, series: seriesName(before), beforeBytes }]
      : []
  return {
    version: 1,
    ...rest,
    leaving,
    ...(urgency && leaving === 'recycle' && { urgency }),
    reasons: decision.reasons,
    decidedAtEpochMs: decision.atEpochMs,
    readings: decision.readings,
    ...(beforeBytes !== undefined && { beforeBytes }),
    running: decision.running,
    recycles: [...earlier, ...now].slice(-MAX_RECYCLES),
  }
}
