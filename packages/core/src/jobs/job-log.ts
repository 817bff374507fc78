import type { JobOutcome, Lease } from '../contracts/job-source.ts'
import type { LedgerJobs, RunningJob } from '../ledger/ledger.ts'
import type { Clock } from '../process/clock.ts'

/** Follows what becomes of the jobs that are in flight when a worker leaves. */
export interface JobLog {
  /** Begins the account with the jobs in flight now. */
  open(inFlight: readonly Lease[]): void
  /** A job began although fetching stops: it belongs to the account too. */
  started(lease: Lease): void
  settled(lease: Lease, outcome: JobOutcome): void
  /** Closes the account: whatever is neither settled nor handed back is unknown. */
  report(): LedgerJobs
}

/** Makes a log that is empty until it is opened. */
export function createJobLog(clock: Clock): JobLog {
  let opened = false
  const pending = new Map<string, Lease>()
  const counts = { completed: 0, failed: 0, handedBack: 0 }
  let inFlight = 0

  const add = (lease: Lease) => {
    if (pending.has(lease.id)) return
    pending.set(lease.id, lease)
    inFlight += 1
  }

  return {
    open: (leases) => {
      if (opened) return
      opened = true
      leases.forEach(add)
    },
    started: (lease) => {
      if (opened) add(lease)
    },
    settled: (lease, outcome) => {
      if (!pending.has(lease.id) || outcome === 'fenced') return
      pending.delete(lease.id)
      counts[outcome] += 1
    },
    report: () => ({
      inFlight,
      completed: counts.completed,
      failed: counts.failed,
      handedBack: counts.handedBack,
      unknown: runningJobs(Array.from(pending.values()), clock),
    }),
  }
}

/** Jobs with their age, for records. */
export function runningJobs(leases: readonly Lease[], clock: Clock): RunningJob[] {
  const nowMs = clock.nowMs()
  return leases.map(({ id, name, startedAtMs }) => ({ id, name, ageMs: nowMs - startedAtMs }))
}
