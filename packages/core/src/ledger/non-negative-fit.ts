/** A symmetric matrix and a vector: the normal equations of a least-squares fit. */
export interface NormalEquations {
  readonly size: number
  /** Only asked for `row <= column`. */
  readonly at: (row: number, column: number) => number
  readonly right: ArrayLike<number>
}

/** Enough to keep columns that always move together from taking absurd values; too little to bias. */
const RIDGE = 1e-5
/** A gradient this small, of unit columns, is rounding. */
const TOLERANCE = 1e-9

/**
 * Solves normal equations for the best coefficients that are not negative (Lawson and Hanson's
 * active set, on columns scaled to unit length, with a slight ridge).
 */
export function nonNegativeFit(equations: NormalEquations): Float64Array {
  const { matrix, right, scale } = scaled(equations)
  const size = right.length
  const fit = new Float64Array(size)
  const norm = Math.max(...right.map(Math.abs), 0)
  const active: number[] = []

  // Each round admits one column; cycling by rounding is cut off.
  for (let round = 0; round < 3 * size; round += 1) {
    const next = steepest(matrix, right, fit, active)
    if (next === undefined || next.gradient <= TOLERANCE * norm) break
    active.push(next.index)
    for (;;) {
      const solution = solve(matrix, right, active)
      if (solution.every((value) => value > 0)) {
        for (const [i, index] of active.entries()) fit[index] = solution[i] ?? 0
        break
      }
      retreat(fit, active, solution)
      if (active.length === 0) break
    }
  }
  return fit.map((value, index) => value * (scale[index] ?? 0))
}

/** Unit columns: runs and milliseconds differ by orders of magnitude. A column of zeros stays out. */
function scaled({ size, at, right }: NormalEquations): {
  readonly matrix: readonly Float64Array[]
  readonly right: readonly number[]
  readonly scale: readonly number[]
} {
  const scale = Array.from({ length: size }, (_, index) => {
    const square = at(index, index)
    return square > 0 ? 1 / Math.sqrt(square) : 0
  })
  const matrix = Array.from({ length: size }, () => new Float64Array(size))
  for (let row = 0; row < size; row += 1) {
    for (let column = row; column < size; column += 1) {
      const ridge = row === column ? 1 + RIDGE : 1
      const value = at(row, column) * (scale[row] ?? 0) * (scale[column] ?? 0) * ridge
      const [upper, lower] = [matrix[row], matrix[column]]
      if (upper) upper[column] = value
      if (lower) lower[row] = value
    }
  }
  return { matrix, right: scale.map((factor, index) => (right[index] ?? 0) * factor), scale }
}

/** The column that would improve the fit most. */
function steepest(
  matrix: readonly Float64Array[],
  right: readonly number[],
  fit: Float64Array,
  active: readonly number[],
): { readonly index: number; readonly gradient: number } | undefined {
  let best: { index: number; gradient: number } | undefined
  for (const [index, row] of matrix.entries()) {
    if (active.includes(index) || (row[index] ?? 0) === 0) continue
    let gradient = right[index] ?? 0
    for (const other of active) gradient -= (row[other] ?? 0) * (fit[other] ?? 0)
    if (!best || gradient > best.gradient) best = { index, gradient }
  }
  return best
}

/** Goes from the fit towards the solution until a coefficient would turn negative; drops those. */
function retreat(fit: Float64Array, active: number[], solution: readonly number[]): void {
  let step = 1
  for (const [i, index] of active.entries()) {
    const [from, to] = [fit[index] ?? 0, solution[i] ?? 0]
    if (to <= 0) step = Math.min(step, from / (from - to || 1))
  }
  for (const [i, index] of active.entries()) {
    const from = fit[index] ?? 0
    const value = from + step * ((solution[i] ?? 0) - from)
    // What the step was cut for must go, whatever rounding left of it.
    const gone = value <= 0 || ((solution[i] ?? 0) <= 0 && value <= Number.EPSILON * from * 8)
    fit[index] = gone ? 0 : value
  }
  const kept = active.filter((index) => (fit[index] ?? 0) > 0)
  active.splice(0, active.length, ...kept)
}

/** Solves for the active columns alone, by Cholesky's decomposition. */
function solve(
  matrix: readonly Float64Array[],
  right: readonly number[],
  active: readonly number[],
): number[] {
  const lower = active.map(() => new Float64Array(active.length))
  const cell = (row: number, column: number) => lower[row]?.[column] ?? 0
  const solution: number[] = []
  for (const [row, index] of active.entries()) {
    const line = lower[row] ?? new Float64Array()
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[index]?.[active[column] ?? 0] ?? 0
      for (let k = 0; k < column; k += 1) sum -= cell(row, k) * cell(column, k)
      line[column] =
        row === column ? Math.sqrt(Math.max(sum, RIDGE * RIDGE)) : sum / cell(column, column)
    }
    let value = right[index] ?? 0
    for (let k = 0; k < row; k += 1) value -= cell(row, k) * (solution[k] ?? 0)
    solution.push(value / cell(row, row))
  }
  for (let row = active.length - 1; row >= 0; row -= 1) {
    let value = solution[row] ?? 0
    for (let k = row + 1; k < active.length; k += 1) value -= cell(k, row) * (solution[k] ?? 0)
    solution[row] = value / cell(row, row)
  }
  return solution
}
