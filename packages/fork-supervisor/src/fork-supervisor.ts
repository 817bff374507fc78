import { createEmitter, type Listen, RecyclerError } from '@worker-recycler/core'
import { createOomKills } from './death/oom-kills.ts'
import type { ForkSupervisorEvents } from './events.ts'
import { type Guard, startGuard } from './guard/guard.ts'
import { createMemoryReader } from './memory/read-memory.ts'
import { expectation } from './option-checks.ts'
import type { ForkSupervisorOptions } from './options.ts'
import { createSlot, type Slot } from './parent/slot.ts'
import { type ForkSupervisorStatus, readStatus, type SupervisorPhase } from './parent/status.ts'
import type { Workshop } from './parent/workshop.ts'
import { createPermitDesk } from './permit/permit-desk.ts'
import { resolveOptions } from './resolve-options.ts'

/** How a stop is pressed. */
export interface StopOptions {
  /**
   * `abort` asks every worker once more, upon which a recycler aborts its jobs; `kill` ends them all
   * at once. Defaults to neither: the workers have their stop budget.
   */
  readonly force?: 'abort' | 'kill'
}

/** A parent process's workers: started, watched, recycled, restarted, stopped. */
export interface ForkSupervisor {
  /**
   * Starts the guard and every worker; resolves when the processes are started (`worker:ready` says
   * when they take jobs). Idempotent. Rejects with `ILLEGAL_PHASE` after `stop()`.
   */
  start(): Promise<void>
  /**
   * Asks every worker to stop, kills what is left at the end of the stop budget, and resolves when
   * all are gone and every death was told. Idempotent; also before `start()`.
   */
  stop(options?: StopOptions): Promise<void>
  /**
   * Asks one worker, or all of them in turn, to recycle, at most `maxRecycling` at once; a slot that
   * was given up gets a worker again. Throws `ILLEGAL_PHASE` unless the supervisor runs.
   */
  recycle(slot?: number): void
  /**
   * Starts, and waits for the end. Resolves after `stop()`, or when every worker chose to stop;
   * rejects with `RESTART_BREAKER_OPEN` when no worker is left and some could not be started.
   */
  run(): Promise<void>
  /** What there is now. */
  status(): ForkSupervisorStatus
  readonly on: Listen<ForkSupervisorEvents>
  readonly once: Listen<ForkSupervisorEvents>
  readonly off: Listen<ForkSupervisorEvents>
  /** The same as `stop()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A place taken for a worker lapses this long after all the time that the worker may take. */
const PLACE_SPARE_MS = 60_000

/** Makes a supervisor; nothing is started yet. Throws a TypeError for a bad option. */
export function createForkSupervisor(options: ForkSupervisorOptions): ForkSupervisor {
  const resolved = resolveOptions(options)
  const { clock, logger, host, stopMs, deferMs, workers, maxRecycling } = resolved
  const events = createEmitter<ForkSupervisorEvents>(logger)
  const { emit } = events
  const desk = createPermitDesk({
    cap: maxRecycling,
    placeMs: deferMs + 2 * stopMs + resolved.maxExtendMs + PLACE_SPARE_MS,
    clock,
  })
  let phase: SupervisorPhase = 'created'
  let guard: Guard | undefined
  let slots: readonly Slot[] = []
  let stopRequests = 0
  let starting: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  let broken: RecyclerError | undefined
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })

  const begin = async () => {
    phase = 'running'
    if (resolved.guard) {
      guard = startGuard({
        shell: host.shell,
        stopMs: stopMs + resolved.maxExtendMs,
        procRoot: host.proc,
        clock,
        onFailed,
      })
    }
    const shop: Workshop = {
      options: resolved,
      emit,
      desk,
      guard,
      oomKills: createOomKills({ procRoot: host.proc, cgroupRoot: host.cgroup, clock }),
      read: createMemoryReader({ ...resolved, procRoot: host.proc }),
      random: Math.random,
    }
    slots = Array.from({ length: workers }, (_, index) =>
      createSlot(index, shop, { mayOverlap, onEnded }),
    )
    for (const slot of slots) slot.start()
    emit('supervisor:started', { workers })
  }

  const onFailed = (message: string) => {
    emit('guard:failed', { message })
    logger.warn({}, message)
  }

  const mayOverlap = () =>
    slots.reduce((sum, slot) => sum + slot.workers.length, 0) < workers + maxRecycling

  /** Ends with the last slot: a supervisor without workers must not look alive. */
  const onEnded = () => {
    if (slots.some(({ state }) => state !== 'broken' && state !== 'stopped')) return
    const failed = slots.filter(({ state }) => state === 'broken').map(({ index }) => index)
    if (failed.length > 0) {
      broken = new RecyclerError(
        'RESTART_BREAKER_OPEN',
        `[fork-supervisor] No worker is left: ${resolved.script} died again and again before it was ready (slot ${failed.join(', ')}): look at its output`,
      )
    }
    void stop()
  }

  const stop = ({ force }: StopOptions = {}): Promise<void> => {
    if (force && stopped && phase === 'stopping') press(force)
    stopped ??= end(force)
    return stopped
  }

  const press = (force: 'abort' | 'kill') => {
    stopRequests += 1
    emit('supervisor:stopping', { request: stopRequests })
    for (const slot of slots) {
      if (force === 'kill') slot.kill()
      else slot.askStop()
    }
  }

  const end = async (force: StopOptions['force']) => {
    phase = 'stopping'
    desk.stop()
    stopRequests = 1
    emit('supervisor:stopping', { request: 1 })
    for (const slot of slots) slot.askStop()
    if (force) press(force)
    await Promise.all(slots.map((slot) => slot.settled()))
    // Last, so that until then the workers have somebody to outlive us.
    await guard?.stop()
    phase = 'stopped'
    emit('supervisor:stopped', {})
    finish()
  }

  const start = async () => {
    if (stopped) {
      throw new RecyclerError(
        'ILLEGAL_PHASE',
        '[fork-supervisor] It was stopped, and cannot be started again: create another one',
      )
    }
    starting ??= begin()
    await starting
  }

  return {
    start,
    stop,
    recycle: (index) => {
      if (phase !== 'running') {
        throw new RecyclerError(
          'ILLEGAL_PHASE',
          `[fork-supervisor] There is nothing to recycle while it is ${phase}: start it first`,
        )
      }
      const chosen = index === undefined ? slots : slots.filter((slot) => slot.index === index)
      if (chosen.length === 0) {
        throw expectation('slot', `to be a whole number below ${workers}`, index)
      }
      for (const slot of chosen) slot.recycle()
    },
    run: async () => {
      await start()
      await finished
      if (broken) throw broken
    },
    status: () => readStatus(phase, slots, desk, guard),
    on: events.on,
    once: events.once,
    off: events.off,
    [Symbol.asyncDispose]: () => stop(),
  }
}
