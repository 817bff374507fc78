import { hostname } from 'node:os'
import { type CallOptions, isRecyclerError, type JobSourceContext } from '@worker-recycler/core'
import { assertFit } from '../driver/assert-fit.ts'
import { openDriver } from '../driver/ioredis-driver.ts'
import { storageError } from '../driver/storage-error.ts'
import { watched } from '../driver/watched.ts'
import type { Fleet } from '../fleet.ts'
import { layoutOf } from '../layout/layouts.ts'
import { connectionOf, register, type WorkerFacts } from '../liveness/registration.ts'
import type { ResolvedOptions } from '../options.ts'
import { findPredecessor } from '../recovery/predecessor.ts'
import { type RecoveryOptions, recoverWorker } from '../recovery/recover-worker.ts'
import { createWorker, type Worker } from './worker.ts'

/** Checks the server, takes over from the predecessor, registers, then begins to fetch. */
export async function startWorker(
  options: ResolvedOptions,
  context: JobSourceContext,
  { signal }: CallOptions,
  share: () => number,
): Promise<Worker> {
  const { identity, clock, logger } = context
  const { connection, queues, concurrency, name, leaseMs, maxInterruptions } = options
  const driver = watched(openDriver(connection, 'claims', logger), clock)
  const fleet = { driver, layout: layoutOf(options.layout, options.prefix), clock, logger }
  const recovery = { maxInterruptions, by: identity }
  let how: 'new' | 'again' = 'new'
  // Also while the server does not answer.
  const giveUp = () => driver.close()
  signal.addEventListener('abort', giveUp, { once: true })

  const begin = async (): Promise<Worker> => {
    const { hasLmovem } = await assertFit(fleet)
    const isHeir = name !== undefined && (await takeOver(fleet, name, identity, recovery, signal))
    const facts: WorkerFacts = {
      identity,
      ...(isHeir && { name }),
      queues,
      concurrency,
      pid: process.pid,
      host: hostname(),
      connection: await connectionOf(fleet),
    }
    const first = how
    // Should the reply be lost, it is this worker itself that is registered.
    how = 'again'
    const redisMs = await register(fleet, facts, leaseMs, first)
    signal.throwIfAborted()
    return createWorker({ fleet, options, context, facts, recovery, hasLmovem, share, redisMs })
  }
  try {
    for (;;) {
      await driver.ready(signal)
      try {
        return await begin()
      } catch (error) {
        signal.throwIfAborted()
        if (!isUnreachable(error)) throw error
      }
    }
  } catch (error) {
    driver.close()
    signal.throwIfAborted()
    throw storageError(error, 'Cannot start')
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function isUnreachable(error: unknown): boolean {
  return isRecyclerError(error) && error.code === 'STORAGE_UNREACHABLE'
}

/** Puts back what the last worker of this name held; false when that one still works. */
async function takeOver(
  fleet: Fleet,
  name: string,
  identity: string,
  recovery: RecoveryOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const predecessor = await findPredecessor(fleet, name, identity)
  if (predecessor.state === 'none') return true
  if (predecessor.state === 'connected') {
    fleet.logger.warn(
      { name, predecessor: predecessor.identity },
      'the last worker of this name is still connected: its jobs are left to it, or to its lease',
    )
    return false
  }
  const grounds = { cause: 'unknown', grounds: 'certain' } as const
  try {
    await recoverWorker(fleet, predecessor.identity, grounds, recovery, signal)
  } catch (error) {
    if (signal.aborted || isUnreachable(error)) throw error
    fleet.logger.error(
      { identity: predecessor.identity, error },
      'the last worker of this name was not recovered as a whole; the keeper goes on with it',
    )
  }
  return true
}
