import type { Urgency } from './contracts/policy.ts'
import type { Listen } from './emitter.ts'
import { RecyclerError } from './errors.ts'
import type { RecyclerEvents } from './events.ts'
import type { Ledger } from './ledger/ledger.ts'
import { createLife, type Life } from './lifecycle/life.ts'
import { ENDED, LEAVING, type Phase } from './lifecycle/phase.ts'
import type { RecyclerOptions } from './options.ts'
import { resolveOptions, type ResolvedOptions } from './resolve-options.ts'

/** Asks for a recycle from inside the application. */
export interface RecycleRequest {
  /** `hard` does not wait for a permit. Defaults to `soft`. */
  readonly urgency?: Urgency
  /** For the ledger. Defaults to "The application asked for a recycle". */
  readonly reason?: string
}

/** Owns the lifecycle of one worker process. Made by `createRecycler`. */
export class Recycler {
  /** This incarnation of this worker: `host:pid:invocation`. */
  readonly identity: string
  /** Listens to an event. A listener that throws is logged; it changes nothing and stops nobody. */
  readonly on: Listen<RecyclerEvents>
  /** Listens to an event once. */
  readonly once: Listen<RecyclerEvents>
  /** Stops listening. */
  readonly off: Listen<RecyclerEvents>

  readonly #options: ResolvedOptions
  readonly #life: Life
  #run: Promise<void> | undefined

  constructor(options: RecyclerOptions) {
    this.#options = resolveOptions(options)
    this.#life = createLife(this.#options)
    this.identity = this.#life.identity
    const { on, once, off } = this.#life.events
    this.on = on
    this.once = once
    this.off = off
  }

  /** Where the worker is in its life. */
  get phase(): Phase {
    return this.#life.machine.state.phase
  }

  /**
   * Checks the budget against the supervisor's, recovers what dead workers held, and takes jobs.
   * Resolves when the worker is ready. Idempotent while it works; rejects with `ILLEGAL_PHASE` once
   * it leaves, and with the coded error of whatever keeps the worker from starting.
   */
  start(): Promise<void> {
    const { phase, leaving } = this.#life.machine.state
    if (leaving !== 'failure' && (LEAVING.has(phase) || ENDED.has(phase))) {
      return Promise.reject(
        new RecyclerError(
          'ILLEGAL_PHASE',
          'start() after stop() or recycle(): make a new recycler',
        ),
      )
    }
    this.#life.machine.dispatch({ type: 'start' })
    return this.#life.started
  }

  /**
   * Stops fetching, drains, hands back, closes. Resolves with the ledger when that is done; the
   * process goes on. Asking again, while it is under way or afterwards, gives the same answer.
   * Rejects with `ILLEGAL_PHASE` unless the worker is started.
   */
  async recycle(request: RecycleRequest = {}): Promise<Ledger> {
    const { phase } = this
    if (phase === 'created') {
      throw new RecyclerError('ILLEGAL_PHASE', 'recycle() before start()')
    }
    if (!LEAVING.has(phase) && !ENDED.has(phase)) {
      this.#life.recycle(
        request.urgency ?? 'soft',
        [
          {
            code: 'application_asked',
            message: request.reason ?? 'The application asked for a recycle',
          },
        ],
        'application',
      )
    }
    return (await this.#life.departed).ledger
  }

  /**
   * Leaves as on a first stop request: drains within the budget, hands back the rest, closes; a
   * recycle under way becomes a stop. Idempotent, safe before `start()`; resolves when the worker has
   * stopped. The process goes on.
   */
  async stop(): Promise<void> {
    const { phase, leaving } = this.#life.machine.state
    const decided = leaving === 'stop' || leaving === 'failure' || phase === 'closing'
    if (!decided && !ENDED.has(phase)) this.#life.requestStop()
    await this.#life.departed
  }

  /** Does what `stop()` does, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /**
   * Starts, hears stop requests (the first drains, the second aborts running jobs, the third
   * closes), works until a recycle, a stop or a failure, then ends the process with the code that
   * its supervisor expects. After a failure it rejects with the cause instead, once all is closed.
   * Idempotent.
   */
  run(): Promise<void> {
    this.#run ??= this.#runOnce()
    return this.#run
  }

  async #runOnce(): Promise<void> {
    const uninstall = this.#options.stopRequests(() => this.#life.requestStop())
    try {
      // Whatever keeps the worker from starting is told by how it has left; a stop request is no failure.
      await this.start().catch(() => {})
      const { exitCode, failure } = await this.#life.departed
      if (failure) throw failure.error
      this.#options.exit(exitCode)
    } finally {
      uninstall()
    }
  }
}

/** Makes the recycler of this worker. Throws a `TypeError` for an option that is wrong, `ADAPTER_REFUSED` for an adapter that does not fit. */
export function createRecycler(options: RecyclerOptions): Recycler {
  return new Recycler(options)
}
