/** Lets jobs begin: many at once, or one that must be alone. */
export interface Turnstile {
  /** Waits until the job may begin; what it gives is to be called when it has ended. */
  enter(alone: boolean): (() => void) | Promise<() => void>
}

/** Makes a turnstile. Who comes first goes first, so that a job which must be alone gets its turn. */
export function createTurnstile(): Turnstile {
  const waiting: { alone: boolean; begin: () => void }[] = []
  let running = 0
  let isTaken = false

  const goOn = () => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (isTaken || (next.alone && running > 0)) return
      waiting.shift()
      next.begin()
    }
  }
  const begin = (alone: boolean) => {
    running += 1
    isTaken = alone
    return () => {
      running -= 1
      if (alone) isTaken = false
      goOn()
    }
  }

  return {
    enter: (alone) => {
      if (!alone && !isTaken && waiting.length === 0) return begin(false)
      return new Promise((resolve) => {
        waiting.push({ alone, begin: () => resolve(begin(alone)) })
        goOn()
      })
    },
  }
}
