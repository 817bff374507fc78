/** Checks an option that counts something. Throws a TypeError that names it. */
export function expectWhole(option: string, value: unknown, min: number, max: number): void {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return
  throw new TypeError(
    `Expected \`${option}\` to be a whole number from ${min} to ${max}, got ${shown(value)}`,
  )
}

/** Checks an option that is one of a few words. Throws a TypeError that names it. */
export function expectOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  throw new TypeError(
    `Expected \`${option}\` to be one of ${allowed.join(', ')}, got ${shown(value)}`,
  )
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value)
