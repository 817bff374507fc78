import { within, type Patience } from './patience.ts'

/** Wakes those who wait for something to have happened: what tests have instead of sleeping. */
export interface Trail {
  /** Something happened. */
  readonly note: () => void
  /** Resolves when the condition holds; looks again at every note. */
  readonly until: (condition: () => boolean, what: string) => Promise<void>
}

/** Makes a trail. Waiting in vain fails in the end, and says for what. */
export function createTrail(patience: Patience): Trail {
  const waiting = new Set<() => void>()
  return {
    note: () => {
      for (const look of waiting) look()
    },
    until: async (condition, what) => {
      if (condition()) return
      let look = () => {}
      const held = new Promise<void>((resolve) => {
        look = () => {
          if (condition()) resolve()
        }
      })
      waiting.add(look)
      try {
        await within(held, what, patience)
      } finally {
        waiting.delete(look)
      }
    },
  }
}
