import type { Stall } from '@worker-recycler/core'
import type { StallTotals } from './pressure-text.ts'

interface Point extends StallTotals {
  readonly atMs: number
}

/** Turns totals into the stall of a window that ends now. */
export interface StallWindow {
  /** Adds totals; undefined until there are two, or when they went backwards. */
  readonly add: (atMs: number, totals: StallTotals) => Stall | undefined
}

/**
 * Makes a window of at least `windowMs`, or of as long as it has been watched: the newest totals are
 * compared with the newest ones that are as old as that. Totals that go backwards begin anew.
 */
export function createStallWindow(windowMs: number): StallWindow {
  const points: Point[] = []
  return {
    add: (atMs, totals) => {
      const last = points.at(-1)
      if (last && (totals.someUs < last.someUs || totals.fullUs < last.fullUs)) points.length = 0
      points.push({ atMs, ...totals })
      while (points[1] && atMs - points[1].atMs >= windowMs) points.shift()
      const first = points[0]
      if (!first || atMs <= first.atMs) return undefined
      const spanMs = atMs - first.atMs
      // Clocks of two kinds: by their rounding a stall could seem longer than its window.
      const someMs = Math.min(spanMs, (totals.someUs - first.someUs) / 1000)
      return {
        windowMs: spanMs,
        someMs,
        fullMs: Math.min(someMs, (totals.fullUs - first.fullUs) / 1000),
      }
    },
  }
}
