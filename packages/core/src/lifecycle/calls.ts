import { isRecyclerError, RecyclerError } from '../errors.ts'
import type { Events } from '../events.ts'
import type { Clock } from '../process/clock.ts'
import { within } from '../process/within.ts'

/** One call of an adapter, with its time. */
interface AdapterCall {
  readonly adapter: { readonly name: string }
  readonly call: string
  readonly ms: number
  /** Ends the call early: nobody needs its result any more. */
  readonly signal?: AbortSignal
}

/** One call of an adapter that answers at once. */
type SynchronousCall = Pick<AdapterCall, 'adapter' | 'call'>

/** Calls adapters so that one that throws or hangs costs its own time and no more. */
export interface Calls {
  /** Rejects with `ADAPTER_FAILED` or `TIMED_OUT`: for what the worker cannot do without. */
  must<T>(call: AdapterCall, run: (signal: AbortSignal) => T | Promise<T>): Promise<T>
  /** Reports a failure, unless the call was ended early, as `adapter:failed`; resolves with undefined. */
  attempt<T>(
    call: AdapterCall,
    run: (signal: AbortSignal) => T | Promise<T>,
  ): Promise<T | undefined>
  /** The same for a member that answers at once. */
  attemptNow<T>(call: SynchronousCall, run: () => T): T | undefined
  /** The worker has left: reports what is still under way, and lets go of it. */
  end(): void
}

/** Makes the caller of one recycler. */
export function createCalls(clock: Clock, events: Events): Calls {
  const ended = new AbortController()
  const underWay = new Set<AdapterCall>()

  const must: Calls['must'] = async ({ adapter, call, ms, signal = ended.signal }, run) => {
    const what = `[${adapter.name}] ${call}()`
    try {
      return await within({ ms, clock, what, signal }, run)
    } catch (error) {
      if (signal?.aborted || isRecyclerError(error)) throw error
      const detail = error instanceof Error ? error.message : String(error)
      throw new RecyclerError('ADAPTER_FAILED', `${what} failed: ${detail}`, { cause: error })
    }
  }
  const report = ({ adapter, call }: SynchronousCall, error: unknown) =>
    events.emit('adapter:failed', { adapter: adapter.name, call, error })
  return {
    must,
    attempt: async (call, run) => {
      underWay.add(call)
      try {
        return await must(call, run)
      } catch (error) {
        if (!call.signal?.aborted && !ended.signal.aborted) report(call, error)
        return undefined
      } finally {
        underWay.delete(call)
      }
    },
    attemptNow: (call, run) => {
      try {
        return run()
      } catch (error) {
        report(call, error)
        return undefined
      }
    },
    end: () => {
      if (ended.signal.aborted) return
      const error = (what: string) =>
        new RecyclerError('TIMED_OUT', `${what}() did not end before the worker had left`)
      for (const call of underWay) {
        if (!call.signal?.aborted) report(call, error(`[${call.adapter.name}] ${call.call}`))
      }
      ended.abort(new RecyclerError('ILLEGAL_PHASE', 'The worker has left'))
    },
  }
}
