/** What every claim has to pass. */
export interface Gate {
  /** Whether jobs may be claimed at all now. */
  isOpen(): boolean
  isShut(): boolean
  open(): void
  /** Lets nobody pass any more, and sends those away who wait. */
  shut(): void
  /** Who waits may fit in now. */
  recheck(): void
  /** Waits until the gate is open and the claim fits in; false once it is shut. */
  pass(fits: () => boolean): Promise<boolean>
}

/** Makes a gate that is neither open nor shut: a worker may run before its source is started. */
export function createGate(): Gate {
  let state: 'closed' | 'open' | 'shut' = 'closed'
  const waiting = new Map<(passes: boolean) => void, () => boolean>()

  const answer = (resolve: (passes: boolean) => void, passes: boolean) => {
    waiting.delete(resolve)
    resolve(passes)
  }
  const recheck = () => {
    for (const [resolve, fits] of waiting) {
      if (state === 'shut') answer(resolve, false)
      else if (state === 'open' && fits()) answer(resolve, true)
    }
  }

  return {
    isOpen: () => state === 'open',
    isShut: () => state === 'shut',
    open: () => {
      if (state === 'closed') state = 'open'
      recheck()
    },
    shut: () => {
      state = 'shut'
      recheck()
    },
    recheck,
    pass: (fits) =>
      new Promise((resolve) => {
        waiting.set(resolve, fits)
        recheck()
      }),
  }
}
