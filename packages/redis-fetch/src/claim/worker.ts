import {
  createLeaseTable,
  type JobOutcome,
  type JobSource,
  type LeaseTable,
  RecyclerError,
} from '@worker-recycler/core'
import { openDriver } from '../driver/ioredis-driver.ts'
import type { BeatAnswer } from '../liveness/beat.ts'
import { createJudge } from '../liveness/judge.ts'
import { createKeeper } from '../liveness/keeper.ts'
import { BEATS_PER_LEASE, keepLease } from '../liveness/lease.ts'
import { createRedisTime } from '../liveness/redis-time.ts'
import { connectionOf, register } from '../liveness/registration.ts'
import { createTending } from '../liveness/tending.ts'
import { ring, ringForSuspects } from '../queue/ring.ts'
import type { WorkerState } from '../queue/status.ts'
import { createAdopter } from '../recovery/adopt.ts'
import { forget } from '../recovery/recover-worker.ts'
import { leaseEnded, recover } from '../recovery/recover.ts'
import { createDoorbell } from './doorbell.ts'
import { createFetching } from './fetching.ts'
import { listenForForeign } from './foreign-pushes.ts'
import { answerSuspectBell } from './suspects.ts'
import type { WorkerParts } from './worker-parts.ts'

/** A job source that runs: its members without the declarations. */
export type Worker = Required<
  Pick<JobSource, 'quiesce' | 'inFlight' | 'abort' | 'handBack' | 'recover' | 'stop'>
> & {
  /** The throttle has changed. */
  wake(): void
}

/** Composes the parts of a registered worker, and lets it fetch. */
export function createWorker(parts: WorkerParts): Worker {
  const { fleet, options, context, facts, recovery } = parts
  const { driver, layout, clock, logger } = fleet
  const { identity } = context
  const { connection, queues, leaseMs } = options
  const everyMs = leaseMs / BEATS_PER_LEASE
  const stopping = new AbortController()
  const table = createLeaseTable(context)
  let phase: WorkerState['phase'] = 'working'
  let isFenced = false

  const fenced = (): void => {
    if (isFenced || stopping.signal.aborted) return
    isFenced = true
    // The keeper leaves out itself: what is left of this worker is for another one to recover.
    void tending.stop()
    context.failed(
      new RecyclerError(
        'FENCED',
        `[redis-fetch] ${identity} was declared dead, and its jobs were given to others: what it still does changes nothing. Let it exit.`,
      ),
    )
  }
  const onEnded = (outcome: JobOutcome | undefined): void => {
    if (outcome === 'fenced') void hearOfFence()
    fetching.loop.wake()
  }
  /** A job that somebody else took is one thing; having been declared dead is another. */
  const hearOfFence = async (): Promise<void> => {
    const [declared] = await driver.send([['EXISTS', layout.fleet.fence(identity)]]).catch(() => [])
    if (declared === 1) fenced()
  }

  const time = createRedisTime(clock)
  time.heard(parts.redisMs)
  const judge = createJudge(clock, leaseMs, everyMs)
  const adopter = createAdopter(fleet, recovery)
  const keeper = createKeeper({
    fleet,
    identity,
    queues,
    recovery,
    judge,
    time,
    adopter,
    adoptMs: options.adoptMs,
  })
  const fetching = createFetching({
    ...parts,
    table,
    stopped: stopping.signal,
    idle: () => {
      doorbell.listen()
      void foreign?.listen()
    },
    onEnded,
    fenced,
  })
  const tending = createTending({
    fleet,
    identity,
    everyMs,
    judge,
    time,
    keeper,
    state: () => stateOf(table, phase, clock),
    afterLook: async () => {
      fetching.compareIfTouched()
      const isBusy = table.inFlight().length > 0 && phase === 'working'
      if (isBusy && (await answerSuspectBell(fleet, queues))) fetching.loop.volunteer()
    },
  })
  const doorbell = createDoorbell({
    driver: openDriver(connection, 'doorbell', logger),
    layout,
    queues,
    clock,
    logger,
    isKeeper: () => tending.isKeeper(),
    rings: {
      jobs: () => fetching.loop.rung(),
      suspect: () => fetching.loop.volunteer(),
      due: () => keeper.lookForDue(),
    },
  })
  const foreign = layout.foreignProducers
    ? listenForForeign({ fleet, connection, queues, onPush: () => fetching.loop.rung() })
    : undefined

  const registerAgain = async (): Promise<void> => {
    try {
      const again = { ...facts, connection: await connectionOf(fleet) }
      if (!stopping.signal.aborted) await register(fleet, again, leaseMs, 'again')
    } catch (error) {
      if (error instanceof RecyclerError && error.code === 'FENCED') fenced()
      else logger.debug({ error }, 'the registration was not renewed; the next beat will')
    }
  }
  const answered = (answer: BeatAnswer): void => {
    if (answer === 'fenced') fenced()
    if (answer === 'unknown') void registerAgain()
  }
  const heartbeat = keepLease({
    fleet,
    connection,
    identity,
    leaseMs,
    how: options.heartbeat,
    answered,
  })
  driver.onReady(() => {
    judge.connected()
    if (isFenced || stopping.signal.aborted) return
    void registerAgain()
    // Replies may have been lost with the old connection.
    fetching.loop.doubt()
  })
  tending.start()
  fetching.loop.wake()

  const quiesce = async (): Promise<void> => {
    phase = 'leaving'
    await Promise.all([fetching.close(), doorbell.close()])
    foreign?.close()
    // It may have been woken for jobs that it did not come to take.
    const { loop } = fetching
    await ring(fleet, queues).catch(() => {})
    if (loop.isVolunteer()) {
      await Promise.all(queues.map((queue) => ringForSuspects(fleet, queue))).catch(() => {})
    }
  }
  const leave = async (): Promise<void> => {
    const lists = queues.map((queue) => layout.queue(queue).work(identity))
    for (const list of lists) {
      const [left] = await driver.send([['EXISTS', list]])
      // What is held still is left to recovery, which finds it by the registration.
      if (left !== 0) return
    }
    await forget(fleet, identity)
  }
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    // What is still on its way is tried once more, and then left to recovery.
    stopping.abort()
    await quiesce()
    await fetching.loop.stop()
    await tending.stop()
    await heartbeat.stop()
    await leave().catch((error: unknown) => {
      logger.debug(
        { error },
        'the registration of the worker was not removed; its lease will run out',
      )
    })
    driver.close()
  }
  const findDead = async (): Promise<readonly string[]> => {
    const nowMs = time.nowMs()
    if (!judge.isFit() || nowMs === undefined) return []
    return (await leaseEnded(fleet, nowMs)).filter((each) => each !== identity)
  }

  return {
    quiesce,
    inFlight: () => table.inFlight(),
    abort: (lease, reason) => table.abort(lease, reason),
    handBack: (lease) => table.handBack(lease),
    recover: (request, { signal }) => recover(fleet, request, findDead, recovery, signal),
    wake: () => fetching.loop.wake(),
    stop: () => (closing ??= close()),
  }
}

function stateOf(
  table: LeaseTable,
  phase: WorkerState['phase'],
  clock: { nowMs(): number; epochMs(): number },
): string {
  const sinceMs = clock.epochMs() - clock.nowMs()
  const jobs = table
    .inFlight()
    .map(({ id, startedAtMs }) => [id, Math.round(startedAtMs + sinceMs)])
  const state: WorkerState = {
    phase,
    rssBytes: process.memoryUsage.rss(),
    jobs: Object.fromEntries(jobs) as WorkerState['jobs'],
  }
  return JSON.stringify(state)
}
