import type { CancelTimer, Reason, Urgency } from '@worker-recycler/core'
import type { WorkerProcess } from './worker-process.ts'
import type { Workshop } from './workshop.ts'

/** A slot's wish to recycle its worker, which may have to wait. */
export interface RecycleWish {
  /** The worker's memory reached the soft limit. */
  wanted(worker: WorkerProcess): void
  /** Its memory is well below it again, or the worker only observes. */
  spared(worker: WorkerProcess): void
  /** The operator wants it, whatever the memory. */
  requested(worker: WorkerProcess): void
  /** The worker hears, or is ready: what had to wait for that is asked now. */
  resume(worker: WorkerProcess): void
  /** The worker is dead, or asked to stop. */
  over(worker: WorkerProcess): void
}

const NOT_READY: Reason = {
  code: 'not_ready',
  message: 'The worker still starts; nobody there may take a request yet',
}

const TOO_MANY: Reason = {
  code: 'too_many_recycling',
  message: 'As many workers recycle already as `maxRecycling` allows',
}

/** Makes the wish of one slot. */
export function createRecycleWish({ options, emit, desk }: Workshop): RecycleWish {
  const { clock, recycleIntervalMs } = options
  let lastAskedMs = -Infinity
  let waiter: WorkerProcess | undefined
  /** Which worker the operator wants to recycle as soon as it hears. */
  let early: WorkerProcess | undefined
  /** Which worker waits for a place because the operator wants it to recycle. */
  let queued: WorkerProcess | undefined
  let cancelWait: CancelTimer = () => {}

  const press = (
    worker: WorkerProcess,
    urgency: Urgency,
    reasons: readonly Reason[],
    onAsked: () => void = () => {},
  ) => {
    const { ref, farewell } = worker
    const now = desk.want(ref.identity, () => {
      onAsked()
      farewell.askRecycle(urgency, reasons)
    })
    if (!now) emit('worker:recycle-held', { ...ref, reasons, heldBy: TOO_MANY })
  }

  const wanted = (worker: WorkerProcess) => {
    const { ref, farewell, memory } = worker
    // Asked, or leaving, or only observing, or no longer wanted when the wait was over.
    if (farewell.asked || farewell.notice || farewell.observes || !memory.wanted) return
    // The operator's request is the more pressing one.
    if (queued === worker) return
    const reasons = [softLimit(memory.usedBytes ?? 0, options.limits.softBytes ?? 0)]
    // What the start needs is no leak, and the request would only end it.
    if (!worker.isReady) {
      emit('worker:recycle-held', { ...ref, reasons, heldBy: NOT_READY })
      return
    }
    const waitMs = lastAskedMs + recycleIntervalMs - clock.nowMs()
    if (waitMs > 0) {
      const message = `This slot was asked to recycle less than ${recycleIntervalMs} ms ago: should it go on, the limit is too low for what a fresh worker needs`
      emit('worker:recycle-held', { ...ref, reasons, heldBy: { code: 'recycled_lately', message } })
      cancelWait()
      waiter = worker
      cancelWait = clock.setTimer(waitMs, () => wanted(worker))
      return
    }
    press(worker, 'soft', reasons, () => {
      lastAskedMs = clock.nowMs()
    })
  }

  const requested = (worker: WorkerProcess) => {
    const { ref, farewell } = worker
    if (farewell.notice || farewell.asked === 'stop') return
    const reasons = [{ code: 'requested', message: 'The operator asked for a recycle' }]
    if (worker.hears) {
      queued = worker
      press(worker, 'hard', reasons, () => {
        queued = undefined
      })
      return
    }
    early = worker
    emit('worker:recycle-held', { ...ref, reasons, heldBy: NOT_READY })
  }

  const stopWaiting = (worker: WorkerProcess) => {
    if (waiter !== worker) return
    waiter = undefined
    cancelWait()
  }

  return {
    wanted,
    spared: (worker) => {
      stopWaiting(worker)
      if (queued !== worker) desk.withdraw(worker.ref.identity)
    },
    requested,
    resume: (worker) => {
      if (early === worker && worker.hears) {
        early = undefined
        requested(worker)
      }
      if (worker.isReady) wanted(worker)
    },
    over: (worker) => {
      stopWaiting(worker)
      if (early === worker) early = undefined
      if (queued === worker) queued = undefined
    },
  }
}

function softLimit(usedBytes: number, softBytes: number): Reason {
  const mebibytes = (bytes: number) => (bytes / 1_048_576).toFixed(1)
  return {
    code: 'soft_limit',
    message: `The worker uses ${mebibytes(usedBytes)} MiB; its soft limit is ${mebibytes(softBytes)} MiB`,
  }
}
