/** What an option that is a number must satisfy. */
export interface NumberRule {
  readonly min?: number
  readonly max?: number
  /** `min` itself is refused. */
  readonly aboveMin?: boolean
  readonly integer?: boolean
}

/** Returns the number, or throws a TypeError that names the option, what it expects and what it got. */
export function expectNumber(option: string, value: number, rule: NumberRule = {}): number {
  const { min = -Infinity, max = Infinity, aboveMin = false, integer = false } = rule
  const given: unknown = value
  const fits =
    typeof given === 'number' &&
    (aboveMin ? given > min : given >= min) &&
    given <= max &&
    (!integer || Number.isInteger(given))
  if (fits) return value
  const kind = integer ? 'an integer' : 'a number'
  const lower = min === -Infinity ? '' : ` ${aboveMin ? 'above' : 'of at least'} ${min}`
  const upper = max === Infinity ? '' : `${lower && ' and'} of at most ${max}`
  throw new TypeError(`Expected \`${option}\` to be ${kind}${lower}${upper}, got ${String(given)}`)
}
