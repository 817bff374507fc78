import type { Glyphs } from './glyphs.ts'

/** What the bottom and the top of a chart stand for. */
export interface Scale {
  readonly low: number
  readonly high: number
}

/** Values one after the other, each a column; a value that is not known is a gap. */
export type Values = readonly (number | undefined)[]

/** One line of columns. */
export function sparkline(values: Values, scale: Scale, glyphs: Glyphs): string {
  return chart(values, scale, 1, glyphs)[0] ?? ''
}

/** So many lines of columns, the top one first. A value above the lowest is never drawn like it. */
export function chart(
  values: Values,
  { low, high }: Scale,
  rows: number,
  { levels }: Glyphs,
): readonly string[] {
  const steps = rows * levels.length - 1
  const heights = values.map((value) => {
    if (value === undefined) return 0
    const step = value > low ? Math.max(1, Math.round(((value - low) / (high - low)) * steps)) : 0
    return 1 + Math.min(steps, step)
  })
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * levels.length
    return heights
      .map((height) => levels[Math.min(height - below, levels.length) - 1] ?? ' ')
      .join('')
  })
}
