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

/** Claims jobs one after the other while there is room for them. */
export interface ClaimLoop {
  /** Something may have changed: room, or jobs. */
  wake(): void
  /** Ends it for good; resolves when no claim is under way. */
  close(): Promise<void>
}

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

/** Makes a loop that sleeps until it is woken. At most one claim is under way at any time. */
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

  const claimWhilePossible = async (): Promise<void> => {
    while (!isClosed()) {
      const inFlight = context.inFlight()
      if (alone && inFlight.includes(alone)) return
      if (inFlight.length >= context.limit()) return
      const next = await reader.next()
      if (!next) return sleepUntilNext()
      const { suspect } = next.listed.job
      if (suspect && inFlight.length > 0) {
        // Nothing is claimed past it, or it would wait for ever; unless another worker has it.
        if (await exists(next.path)) return
        next.drop()
        continue
      }
      const result = await context.claim(next, isClosed)
      next.drop()
      if (result.kind === 'fenced') {
        closed = true
        return context.fenced()
      }
      if (result.kind === 'running') alone = suspect ? result.lease : undefined
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
