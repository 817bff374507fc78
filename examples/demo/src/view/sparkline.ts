const BARS = '▁▂▃▄▅▆▇█'

/** Draws values as small bars, from 0 to `max`; marks are drawn as they are. */
export function sparkline(values: readonly (number | string)[], max: number): string {
  return values
    .map((value) => {
      if (typeof value === 'string') return value
      const step = Math.floor((value / max) * BARS.length)
      return BARS[Math.min(BARS.length - 1, Math.max(0, step))]
    })
    .join('')
}
