/** Beyond this, numbers are not exact; no budget comes near. */
const MAX = Number.MAX_SAFE_INTEGER

/** The TypeError for a bad option: its name, what was expected, what came. */
export function expectation(name: string, wanted: string, received: unknown): TypeError {
  const shown = typeof received === 'string' ? JSON.stringify(received) : String(received)
  return new TypeError(`[fork-supervisor] Expected \`${name}\` ${wanted}, got ${shown}`)
}

/** A finite number from `least` up. */
export function atLeast(least: number, name: string, value: number): number {
  if (typeof value === 'number' && value >= least && value <= MAX) return value
  throw expectation(name, `to be a finite number, at least ${least}`, value)
}

/** A whole number from `least` up. */
export function wholeFrom(least: number, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw expectation(name, `to be a whole number, at least ${least}`, value)
}

/** A share: 0 to 1. */
export function share(name: string, value: number): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw expectation(name, 'to be a share from 0 to 1', value)
}
