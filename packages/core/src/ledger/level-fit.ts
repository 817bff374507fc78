import { nonNegativeFit } from './non-negative-fit.ts'

/** Finds the non-negative coefficients by which columns raise a level. */
export interface LevelFit {
  /** Takes the first `size` columns and the level at one moment. `size` may grow, never shrink. */
  add(columns: ArrayLike<number>, size: number, level: number): void
  /** The coefficients of all columns so far. */
  solve(): Float64Array
}

/**
 * Levels are compared within blocks of so many samples only: long enough to average out the
 * garbage collector's sawtooth, short enough that slow changes of other kinds do not count.
 */
const BLOCK_SAMPLES = 512

/**
 * Fits levels instead of their differences: garbage that comes and goes is noise around the level,
 * which differences would double, while growth adds up. Costs no memory per sample: the scatter
 * around each block's means is summed as it goes (Welford).
 */
export function createLevelFit(capacity: number): LevelFit {
  const scatter = new Float64Array(capacity * capacity)
  const right = new Float64Array(capacity)
  const means = new Float64Array(capacity)
  const offsets = new Float64Array(capacity)
  let meanLevel = 0
  let samples = 0
  let used = 0

  return {
    add: (columns, size, level) => {
      used = Math.max(used, size)
      if (samples === BLOCK_SAMPLES) {
        samples = 0
        means.fill(0)
        meanLevel = 0
      }
      samples += 1
      const weight = (samples - 1) / samples
      const levelOffset = level - meanLevel
      meanLevel += levelOffset / samples
      for (let column = 0; column < used; column += 1) {
        const offset = (columns[column] ?? 0) - (means[column] ?? 0)
        offsets[column] = offset
        means[column] = (means[column] ?? 0) + offset / samples
      }
      for (let row = 0; row < used; row += 1) {
        const weighted = (offsets[row] ?? 0) * weight
        if (weighted === 0) continue
        right[row] = (right[row] ?? 0) + weighted * levelOffset
        const start = row * capacity
        for (let column = row; column < used; column += 1) {
          scatter[start + column] =
            (scatter[start + column] ?? 0) + weighted * (offsets[column] ?? 0)
        }
      }
    },

    solve: () =>
      nonNegativeFit({
        size: used,
        at: (row, column) => scatter[row * capacity + column] ?? 0,
        right,
      }),
  }
}
