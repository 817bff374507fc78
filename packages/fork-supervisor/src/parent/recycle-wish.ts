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
  /** The worker is dead, or asked to stop. */
  over(worker: WorkerProcess): void
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
    const reasons = [softLimit(memory.usedBytes ?? 0, options.limits.softBytes ?? 0)]
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

  const over = (worker: WorkerProcess) => {
    if (waiter !== worker) return
    waiter = undefined
    cancelWait()
  }

  return {
    wanted,
    spared: (worker) => {
      over(worker)
      desk.withdraw(worker.ref.identity)
    },
    requested: (worker) => {
      if (worker.farewell.notice || worker.farewell.asked === 'stop') return
      press(worker, 'hard', [{ code: 'requested', message: 'The operator asked for a recycle' }])
    },
    over,
  }
}

function softLimit(usedBytes: number, softBytes: number): Reason {
  const mebibytes = (bytes: number) => (bytes / 1_048_576).toFixed(1)
  return {
    code: 'soft_limit',
    message: `The worker uses ${mebibytes(usedBytes)} MiB; its soft limit is ${mebibytes(softBytes)} MiB`,
  }
}
