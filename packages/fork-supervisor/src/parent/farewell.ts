import type {
  CancelTimer,
  Reason,
  StoppingNotice,
  SupervisorRequest,
  Urgency,
} from '@worker-recycler/core'
import type { KillReason } from '../death/death-cause.ts'
import type { Emit, WorkerRef } from '../events.ts'
import { killWorker } from '../process/kill.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import { createStopDeadline } from './stop-deadline.ts'

/** How one worker is brought to leave: asked, given its time, killed. */
export interface Farewell {
  /** What the worker was asked. */
  readonly asked: 'recycle' | 'stop' | undefined
  /** What it announced. */
  readonly notice: StoppingNotice | undefined
  readonly killedFor: KillReason | undefined
  askRecycle(urgency: Urgency, reasons: readonly Reason[]): void
  /** A further call is a further stop request, upon which a worker hurries. */
  askStop(): void
  /** The application took a request. */
  heard(kind: SupervisorRequest['kind']): void
  /** It only observes, and will not recycle: the wish is dropped, and nobody killed for it. */
  declined(): void
  /** It has declined a recycle, so it need not be asked for its memory again. */
  readonly observes: boolean
  /** The worker begins to leave; false when it had begun before. */
  announced(notice: StoppingNotice): boolean
  extend(ms: number): number
  kill(reason: KillReason, message: string): void
  /** The worker is dead: nothing is asked, and nobody killed, any more. */
  over(): void
}

/** Makes the farewell of a worker. */
export function createFarewell(parts: {
  readonly ref: WorkerRef
  readonly options: ResolvedOptions
  readonly emit: Emit
  readonly ask: (request: SupervisorRequest) => 'ipc' | 'SIGTERM'
  /** Whether its memory still calls for a recycle. */
  readonly isWanted: () => boolean
  readonly usedBytes: () => number | undefined
  /** It declined, or put a soft request off until memory had fallen: there will be no recycle. */
  readonly onSpared: () => void
}): Farewell {
  const { ref, options, emit, ask } = parts
  const { pid, identity } = ref
  const { clock, logger, stopMs, deferMs } = options
  let dead = false
  let asked: 'recycle' | 'stop' | undefined
  let request: { readonly urgency: Urgency; readonly reasons: readonly Reason[] } | undefined
  let observes = false
  let notice: StoppingNotice | undefined
  let killedFor: KillReason | undefined
  let stopRequests = 0
  let cancelDefer: CancelTimer = () => {}

  const kill = (reason: KillReason, message: string) => {
    if (dead || killedFor !== undefined) return
    killedFor = reason
    const usedBytes = parts.usedBytes()
    emit('worker:killed', {
      ...ref,
      reason,
      message,
      ...(usedBytes !== undefined && { usedBytes }),
    })
    logger.warn({ identity, reason }, message)
    killWorker(pid, 'SIGKILL')
  }

  const deadline = createStopDeadline({
    stopMs,
    maxExtendMs: options.maxExtendMs,
    clock,
    onOver: (reason) =>
      kill(reason, `${identity} was still there at the end of its stop budget of ${stopMs} ms`),
  })

  const askRecycle = (next: Urgency, reasons: readonly Reason[]) => {
    const presses = asked === 'recycle' && request?.urgency === 'soft' && next === 'hard'
    if (dead || notice || (asked && !presses)) return
    asked = 'recycle'
    request = { urgency: next, reasons }
    cancelDefer()
    const by = ask({ kind: 'recycle', ...request })
    deadline.restart(by === 'ipc' ? 'recycle-ignored' : 'stop-budget')
    emit('worker:recycle-asked', { ...ref, ...request, by })
  }

  const endDeferral = () => {
    if (dead || notice || asked !== 'recycle') return
    if (parts.isWanted()) {
      const message = `A soft recycle was put off for ${deferMs} ms, and is still wanted`
      askRecycle('hard', [{ code: 'recycle_deferred', message }])
    } else {
      asked = undefined
      parts.onSpared()
    }
  }

  return {
    get asked() {
      return asked
    },
    get notice() {
      return notice
    },
    get killedFor() {
      return killedFor
    },
    askRecycle,
    askStop: () => {
      if (dead) return
      asked = 'stop'
      stopRequests += 1
      cancelDefer()
      deadline.begin('stop-budget')
      const by = ask({ kind: 'stop' })
      emit('worker:stop-asked', { ...ref, request: stopRequests, by })
    },
    heard: (kind) => {
      if (kind !== 'recycle' || asked !== 'recycle' || request?.urgency !== 'soft' || notice) return
      // It is alive, and decides for itself when to begin; the hard limit still holds.
      deadline.cancel()
      cancelDefer()
      cancelDefer = clock.setTimer(deferMs, endDeferral)
    },
    declined: () => {
      if (dead || notice || asked !== 'recycle' || !request) return
      observes = true
      asked = undefined
      deadline.cancel()
      cancelDefer()
      emit('worker:recycle-declined', { ...ref, ...request })
      parts.onSpared()
    },
    get observes() {
      return observes
    },
    announced: (given) => {
      if (notice) return false
      notice = given
      cancelDefer()
      // The budget of a stop request has run since the request; any other begins with the leaving.
      if (asked === 'stop') deadline.begin('stop-budget')
      else deadline.restart('stop-budget')
      return true
    },
    extend: (ms) => deadline.extend(ms),
    kill,
    over: () => {
      dead = true
      deadline.cancel()
      cancelDefer()
    },
  }
}
