import type { Clock, Lease, Logger } from '@worker-recycler/core'
import { exists } from '../directory/exists.ts'
import type { Candidate, QueueReader } from './queue-reader.ts'

/** What became of a candidate. */
export type ClaimResult =
  /** It runs. */
  | { readonly kind: 'running'; readonly lease: Lease }
  /** Somebody else has it, or it was put elsewhere. */
  | { readonly kind: 'passed' }
  /** This worker was declared dead. */
  | { readonly kind: 'fenced' }

/** What the loop works with. */
export interface ClaimLoopContext {
  readonly reader: QueueReader
  readonly clock: Clock
  readonly logger: Logger
  /** How many jobs may run at once now. */
  limit(): number
  inFlight(): readonly Lease[]
  claim(candidate: Candidate, isClosed: () => boolean): Promise<ClaimResult>
  fenced(): void
}

/** Claims jobs while there is room for them, as many at once as there are free places. */
export interface ClaimLoop {
  /** Something may have changed: room, or jobs. */
  wake(): void
  /** Ends it for good; resolves when no claim is under way. */
  close(): Promise<void>
}

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

/** Makes a loop that sleeps until it is woken. */
export function createClaimLoop(context: ClaimLoopContext): ClaimLoop {
  const { reader, clock, logger } = context
  let closed = false
  let again = false
  const isClosed = () => closed
  const isWanted = () => again && !closed
  let running: Promise<void> | undefined
  let retryMs = FIRST_RETRY_MS
  let cancel = () => {}
  /** A suspect of a death by memory; nothing runs beside it. */
  let alone: Lease | undefined

  /** Candidates for the free places; undefined when a suspect comes next and must wait. */
  const gather = async (held: number): Promise<Candidate[] | undefined> => {
    const room = context.limit() - held
    const batch = new Map<string, Candidate>()
    while (batch.size < room) {
      const next = await reader.next()
      if (!next) break
      if (next.listed.job.suspect && held + batch.size > 0) {
        // Nothing is claimed past it, or it would wait for ever; unless another worker has it.
        if (batch.size > 0) break
        if (await exists(next.path)) return undefined
      } else if (!batch.has(next.listed.job.id)) {
        batch.set(next.listed.job.id, next)
      }
      next.drop()
      if (next.listed.job.suspect && batch.size > 0) break
    }
    return [...batch.values()]
  }
  const claimWhilePossible = async (): Promise<void> => {
    while (!isClosed()) {
      const inFlight = context.inFlight()
      if (alone && inFlight.includes(alone)) return
      if (inFlight.length >= context.limit()) return
      const batch = await gather(inFlight.length)
      if (!batch) return
      if (batch.length === 0) return sleepUntilNext()
      // All are waited for, also after an error: none may be under way once this has ended.
      const claims = await Promise.allSettled(batch.map((each) => context.claim(each, isClosed)))
      for (const [index, claim] of claims.entries()) {
        if (claim.status === 'rejected') throw claim.reason
        if (claim.value.kind === 'fenced') {
          closed = true
          return context.fenced()
        }
        if (claim.value.kind !== 'running') continue
        alone = batch[index]?.listed.job.suspect ? claim.value.lease : undefined
      }
    }
  }
  const sleepUntilNext = async (): Promise<void> => {
    const waitMs = await reader.untilNextMs()
    if (waitMs !== undefined && !closed) cancel = clock.setTimer(waitMs, wake)
  }
  const run = async (): Promise<void> => {
    do {
      again = false
      cancel()
      try {
        await claimWhilePossible()
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        logger.error({ error, retryMs }, 'jobs cannot be claimed; trying again')
        reader.changed()
        if (!closed) cancel = clock.setTimer(retryMs, wake)
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)
        break
      }
    } while (isWanted())
    running = undefined
  }
  const wake = (): void => {
    again = true
    if (!closed) running ??= run()
  }

  return {
    wake,
    close: async () => {
      closed = true
      cancel()
      await running
      cancel()
    },
  }
}
