import { CONTRACT } from '../../src/contracts/adapter.ts'
import type {
  HandBackOutcome,
  JobSource,
  JobSourceContext,
} from '../../src/contracts/job-source.ts'
import type { JobContext } from '../../src/jobs/job-context.ts'
import { createLeaseTable, type LeaseTable } from '../../src/jobs/lease-table.ts'

/** How a job behaves that a test brings. */
export interface HandJob {
  /** Runs until it is done; a rejection fails the job. Defaults to for ever. */
  readonly handle?: (context: JobContext) => Promise<void>
  /** Puts the job back. Defaults to success at once. */
  readonly putBack?: () => Promise<'handedBack' | 'fenced'>
}

/** A job source to which a test brings jobs, whenever it likes: as late fetches do. */
export interface HandSource extends JobSource {
  readonly bring: (id: string, job?: HandJob) => void
  /** Ids of jobs whose handlers began. */
  readonly began: readonly string[]
  /** Tells the recycler that the source cannot go on. */
  readonly fail: (error: unknown) => void
  /** Calls of `handBack`, by id, with their outcomes. */
  readonly handedBack: readonly { readonly id: string; readonly outcome: HandBackOutcome }[]
}

const handsBack = async () => 'handedBack' as const
const never = () => new Promise<never>(() => {})

/** Makes a source without a job. */
export function handSource(quiesce: () => Promise<void> = async () => {}): HandSource {
  let given: JobSourceContext | undefined
  let table: LeaseTable | undefined
  const began: string[] = []
  const handedBack: { id: string; outcome: HandBackOutcome }[] = []
  const started = () => {
    if (given && table) return { context: given, table }
    throw new Error('Not started')
  }
  return {
    kind: 'job-source',
    name: 'hand',
    contract: CONTRACT,
    supports: { abort: true, recover: false, fencing: true, throttle: false },
    began,
    handedBack,
    start: async (context) => {
      given = context
      table = createLeaseTable(context)
    },
    quiesce,
    inFlight: () => table?.inFlight() ?? [],
    abort: (lease, reason) => started().table.abort(lease, reason),
    handBack: async (lease) => {
      const outcome = await started().table.handBack(lease)
      handedBack.push({ id: lease.id, outcome })
      return outcome
    },
    stop: async () => {},
    fail: (error) => started().context.failed(error),
    bring: (id, { handle = never, putBack = handsBack } = {}) => {
      const { context } = started()
      const delivery = { count: 1, interruptions: 0 }
      const lease = { id, name: 'paint', startedAtMs: context.clock.nowMs(), delivery }
      const work = {
        handle: (jobContext: JobContext) => {
          began.push(id)
          return handle(jobContext)
        },
        settle: async () => 'settled' as const,
        putBack,
      }
      // A job that cannot be put back stays held.
      started()
        .table.run(lease, work)
        .catch(() => {})
    },
  }
}

/** A handler that does as it is asked, after a while. */
export const obeysAfter =
  (ms: number, clock: { setTimer(ms: number, callback: () => void): unknown }) =>
  ({ signal }: JobContext): Promise<void> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => clock.setTimer(ms, () => reject(signal.reason)), {
        once: true,
      })
    })

/** A handler that ends after a while, whatever it is asked. */
export const takes =
  (ms: number, clock: { setTimer(ms: number, callback: () => void): unknown }, error?: Error) =>
  (): Promise<void> =>
    new Promise((resolve, reject) => {
      clock.setTimer(ms, () => (error ? reject(error) : resolve()))
    })
