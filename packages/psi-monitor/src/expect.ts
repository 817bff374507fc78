/** Returns the number, or throws a TypeError that names the option. */
export function expectNumber(option: string, value: number, min: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= min) return value
  throw new TypeError(
    `Expected \`${option}\` to be a number of at least ${min}, got ${String(value)}`,
  )
}

/** Returns the value, or throws a TypeError that lists what it may be. */
export function expectOneOf<T extends string>(option: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value
  const list = choices.map((choice) => `'${choice}'`).join(', ')
  throw new TypeError(`Expected \`${option}\` to be one of ${list}, got ${JSON.stringify(value)}`)
}
