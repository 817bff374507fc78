import type { CancelTimer, LastExit } from '@worker-recycler/core'
import { tellDeath } from '../death/tell-death.ts'
import { afterDeath, afterReady, NO_DEATHS } from '../restart/after-death.ts'
import { forkWorker } from './fork-worker.ts'
import { exitOfPredecessor } from './predecessor.ts'
import { createRecycleWish } from './recycle-wish.ts'
import { superviseWorker, type WorkerEnd, type WorkerProcess } from './worker-process.ts'
import type { Workshop } from './workshop.ts'

/** What a slot does now. */
export type SlotState =
  /** Its worker is there, but not ready. */
  | 'starting'
  /** Its worker takes jobs, or says nothing and is taken for one that does. */
  | 'ready'
  /** Its worker is on its way out. */
  | 'leaving'
  /** Between two workers. */
  | 'waiting'
  /** The restart breaker is open. */
  | 'broken'
  /** There is no worker, and there will be none. */
  | 'stopped'

/** One place for a worker, and the succession of workers in it. */
export interface Slot {
  readonly index: number
  readonly state: SlotState
  /** The worker that counts: with `overlap`, the replacement. */
  readonly worker: WorkerProcess | undefined
  /** Its processes; two at most. */
  readonly workers: readonly WorkerProcess[]
  readonly restarts: number
  start(): void
  /** Asks its worker to recycle for the operator, or starts one where the slot had been given up. */
  recycle(): void
  /** Asks all its workers to stop, and starts none any more. */
  askStop(): void
  /** Ends them at once. */
  kill(): void
  /** Resolves when all its workers are gone and their deaths told; to be called after `askStop`. */
  settled(): Promise<void>
}

/** What a slot asks of the supervisor. */
export interface SlotOwner {
  /** Whether one more process is allowed besides the one in every slot. */
  readonly mayOverlap: () => boolean
  /** The slot was given up. */
  readonly onEnded: () => void
}

/** Makes slot number `index`. */
export function createSlot(index: number, shop: Workshop, owner: SlotOwner): Slot {
  const { options, emit, desk } = shop
  const { clock, logger } = options
  const wish = createRecycleWish(shop)
  /** Predecessors whose places wait for the replacement to be ready. */
  const owed = new Set<string>()
  const leaving = new Set<WorkerProcess>()
  const conclusions = new Set<Promise<void>>()
  let current: WorkerProcess | undefined
  let ended: 'broken' | 'stopped' | undefined
  let stopping = false
  let restarts = 0
  let restartState = NO_DEATHS
  let lastExit: LastExit | undefined
  let lastDeath: { readonly identity: string; readonly diedAtMs: number } | undefined
  let cancelRestart: CancelTimer = () => {}

  const start = (predecessor?: { readonly identity: string; readonly diedAtMs?: number }) => {
    if (stopping || current) return
    ended = undefined
    const forked = forkWorker(options, index)
    if ('error' in forked) {
      track(startFailed(forked.error))
      return
    }
    const { child, ref } = forked
    callSafely(() => options.onSpawn(child, ref))
    const outgoing = [...leaving].at(-1)
    const worker = superviseWorker(child, ref, shop, {
      lastExit: () => exitOfPredecessor(outgoing, () => lastExit, clock),
      onReady: () => {
        restartState = afterReady(restartState)
        settleOwed()
        wish.resume(worker)
      },
      onHello: () => wish.resume(worker),
      onStopping: () => onStopping(worker),
      onWanted: () => wish.wanted(worker),
      onSpared: () => wish.spared(worker),
    })
    current = worker
    emit('worker:started', ref)
    if (predecessor) {
      restarts += 1
      const { identity, diedAtMs = clock.nowMs() } = predecessor
      emit('worker:restarted', {
        ...ref,
        predecessor: identity,
        gapMs: clock.nowMs() - diedAtMs,
      })
    }
    track(worker.ended.then((end) => onDeath(worker, end)))
  }

  const callSafely = (call: () => void) => {
    try {
      call()
    } catch (error) {
      logger.error({ error }, 'The option `onSpawn` threw')
    }
  }

  const track = (conclusion: Promise<void>) => {
    const tracked = conclusion.finally(() => conclusions.delete(tracked))
    conclusions.add(tracked)
  }

  const startFailed = async (reason: Promise<unknown>) => {
    const error = await reason
    emit('worker:start-failed', { slot: index, error })
    logger.error({ slot: index, error }, 'A worker process could not be started')
    follow(undefined, undefined, clock.nowMs())
  }

  const onStopping = (worker: WorkerProcess) => {
    if (worker.farewell.notice?.leaving !== 'recycle') return
    desk.recycles(worker.ref.identity)
    const overlaps = options.overlap && worker.isReady && worker === current
    if (!overlaps || stopping || !owner.mayOverlap()) return
    leaving.add(worker)
    owed.add(worker.ref.identity)
    current = undefined
    start({ identity: worker.ref.identity })
  }

  const onDeath = async (worker: WorkerProcess, end: WorkerEnd) => {
    const { identity } = worker.ref
    const wasCurrent = worker === current
    lastExit = end.lastExit
    lastDeath = { identity, diedAtMs: end.diedAtMs }
    wish.over(worker)
    desk.ownerDied(identity)
    owed.add(identity)
    // The place stays taken, so that nobody else starts a worker here, until the death was told.
    const failure = await tellDeath(end.notice, options)
    if (failure) {
      emit('death-notice:failed', { notice: end.notice, error: failure.error })
      logger.error({ identity, error: failure.error }, 'The option `onDeath` failed')
    }
    leaving.delete(worker)
    if (!wasCurrent) {
      settleOwed()
      return
    }
    current = undefined
    follow(end.notice.cause, end.readyForMs, end.diedAtMs)
  }

  /** Starts the next worker, now or later, or gives up the slot. */
  const follow = (
    cause: WorkerEnd['notice']['cause'] | undefined,
    readyForMs: number | undefined,
    atMs: number,
  ) => {
    if (stopping) return
    const after = afterDeath(restartState, { cause, readyForMs, atMs }, options, shop.random())
    restartState = after.state
    const { next } = after
    if (next.kind === 'restart') {
      const again = () => start(lastDeath)
      const waitMs = atMs + next.delayMs - clock.nowMs()
      if (next.delayMs > 0) {
        const { inRow } = restartState
        emit('restart:delayed', { slot: index, delayMs: next.delayMs, inRow })
      }
      if (waitMs > 0) cancelRestart = clock.setTimer(waitMs, again)
      else again()
      return
    }
    ended = next.kind
    restartState = NO_DEATHS
    if (next.kind === 'broken') {
      const message = `Slot ${index} is given up: its worker died ${next.deaths} times before it was ready; look at its output, then recycle the slot or restart the supervisor`
      emit('slot:broken', { slot: index, deaths: next.deaths, message })
      logger.error({ slot: index }, message)
    } else {
      emit('slot:stopped', { slot: index })
      logger.warn({ slot: index }, 'A worker chose to stop; its slot stays empty')
    }
    owner.onEnded()
  }

  /** Gives back the places of dead predecessors once the replacement is ready. */
  const settleOwed = () => {
    if (!current?.isReady) return
    for (const identity of owed) {
      if ([...leaving].some((worker) => worker.ref.identity === identity)) continue
      owed.delete(identity)
      desk.ownerReplaced(identity)
    }
  }

  const all = () => [...leaving, ...(current ? [current] : [])]

  return {
    index,
    get state() {
      if (current?.farewell.notice) return 'leaving'
      if (current) return current.isReady ? 'ready' : 'starting'
      return ended ?? (stopping ? 'stopped' : 'waiting')
    },
    get worker() {
      return current
    },
    get workers() {
      return all()
    },
    get restarts() {
      return restarts
    },
    start: () => start(),
    recycle: () => {
      if (current) wish.requested(current)
      else if (ended) start(lastDeath)
    },
    askStop: () => {
      stopping = true
      cancelRestart()
      for (const worker of all()) {
        wish.over(worker)
        worker.farewell.askStop()
      }
    },
    kill: () => {
      for (const { farewell, ref } of all()) {
        farewell.kill('forced', `${ref.identity} was killed by a third stop request`)
      }
    },
    settled: async () => {
      while (conclusions.size > 0) await Promise.all(conclusions)
    },
  }
}
