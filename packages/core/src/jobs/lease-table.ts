import type {
  HandBackOutcome,
  JobOutcome,
  JobSourceContext,
  Lease,
} from '../contracts/job-source.ts'
import type { RecycleAbort } from '../errors.ts'
import type { JobContext } from './job-context.ts'

/** How one job is run: its handler, and the step that makes its end durable. */
export interface LeaseWork {
  /** Runs the job's handler. A rejection means that the job failed. */
  handle(context: JobContext): Promise<void>
  /**
   * Makes the end durable. A rejection leaves the lease in flight, for recovery; `fenced` says that
   * the worker had been declared dead.
   */
  settle(outcome: 'completed' | 'failed', error?: unknown): Promise<'settled' | 'fenced'>
  /** Makes the job available to others again, uncharged. A rejection leaves the lease in flight. */
  putBack(): Promise<'handedBack' | 'fenced'>
}

/** The jobs held by this process: the part that every job source would otherwise write again. */
export interface LeaseTable {
  /** The leases held now, oldest first. */
  inFlight(): readonly Lease[]
  /**
   * Runs a job to its end; resolves with how the lease ended. A job that fails after it was aborted
   * did as it was asked: it is handed back. Rejects only when `settle` or `putBack` does.
   */
  run(lease: Lease, work: LeaseWork): Promise<JobOutcome>
  /** Aborts the job's signal. */
  abort(lease: Lease, reason: RecycleAbort): void
  /**
   * Takes a lease away from its handler, then puts the job back. Once taken, nothing that the
   * handler still does can settle the job; a settling that has begun is waited for instead.
   */
  handBack(lease: Lease): Promise<HandBackOutcome>
}

interface Entry {
  readonly lease: Lease
  readonly work: LeaseWork
  /** Made when somebody asks for its signal: most jobs end before anybody does. */
  abort?: AbortController
  /** Taken away from its handler, for good. */
  isTaken: boolean
  /** The putting back that is under way, or has succeeded. */
  puttingBack?: Promise<'handedBack' | 'fenced'>
  settling?: Promise<'settled' | 'fenced'>
}

/** Makes the table of a job source that was started with `context`. */
export function createLeaseTable(
  context: Pick<JobSourceContext, 'deadline' | 'jobStarted' | 'jobSettled'>,
): LeaseTable {
  const entries = new Map<string, Entry>()

  const end = (entry: Entry, outcome: JobOutcome): JobOutcome => {
    entries.delete(entry.lease.id)
    context.jobSettled(entry.lease, outcome)
    return outcome
  }

  const take = (entry: Entry): Promise<'handedBack' | 'fenced'> => {
    entry.isTaken = true
    entry.puttingBack ??= entry.work.putBack().then(
      (outcome) => {
        end(entry, outcome)
        return outcome
      },
      (error: unknown) => {
        // Whoever asks next may try again.
        delete entry.puttingBack
        throw error
      },
    )
    return entry.puttingBack
  }

  return {
    inFlight: () => Array.from(entries.values(), (entry) => entry.lease),

    run: async (lease, work) => {
      const entry: Entry = { lease, work, isTaken: false }
      entries.set(lease.id, entry)
      context.jobStarted(lease)
      // The worker leaves, and took or aborted the job at once: its handler need not begin.
      if (entry.isTaken || isAborted(entry)) return take(entry)
      const result = await attempt(() =>
        work.handle({
          get signal() {
            return controllerOf(entry).signal
          },
          deadline: context.deadline,
          delivery: lease.delivery,
        }),
      )
      if (entry.isTaken || (isAborted(entry) && result.outcome === 'failed')) return take(entry)
      entry.settling = work.settle(result.outcome, result.error)
      return end(entry, (await entry.settling) === 'fenced' ? 'fenced' : result.outcome)
    },

    abort: (lease, reason) => {
      const entry = entries.get(lease.id)
      if (entry) controllerOf(entry).abort(reason)
    },

    handBack: async (lease) => {
      const entry = entries.get(lease.id)
      if (!entry) return 'alreadySettled'
      if (entry.settling) return (await entry.settling) === 'fenced' ? 'fenced' : 'alreadySettled'
      return take(entry)
    },
  }
}

function controllerOf(entry: Entry): AbortController {
  return (entry.abort ??= new AbortController())
}

function isAborted({ abort }: Entry): boolean {
  return abort?.signal.aborted ?? false
}

async function attempt(
  handle: () => Promise<void>,
): Promise<{ outcome: 'completed' | 'failed'; error?: unknown }> {
  try {
    await handle()
    return { outcome: 'completed' }
  } catch (error) {
    return { outcome: 'failed', error }
  }
}
