/** What systemd makes of the value of a memory key. */
export type MemorySize =
  | { readonly kind: 'bytes'; readonly bytes: bigint }
  /** A share of the host's memory, in ten-thousandths. */
  | { readonly kind: 'share'; readonly permyriad: number }
  /** No limit: `infinity`, or an empty value. */
  | { readonly kind: 'infinity' }
  /** systemd logs a line and goes on as if the assignment were not there. */
  | { readonly kind: 'ignored'; readonly reason: string }

/**
 * Reads a value as systemd does (systemd.resource-control(5); tried against 252): upper-case suffixes
 * to the base of 1024, fractions, sums, percentages of the host's memory. What systemd ignores leaves
 * the unit UNLIMITED: `2GB`, `2g`, `2Gi`, and, for a key that knows no `zero`, `0`.
 */
export function parseMemorySize(
  text: string,
  { zero = false }: { readonly zero?: boolean } = {},
): MemorySize {
  if (text === '' || text === 'infinity') return { kind: 'infinity' }
  const parsed = parseShare(text) ?? parseSum(text)
  if (typeof parsed === 'string') return { kind: 'ignored', reason: parsed }
  const isZero = parsed.kind === 'share' ? parsed.permyriad === 0 : parsed.bytes === 0n
  return isZero && !zero ? { kind: 'ignored', reason: '0 is out of range' } : parsed
}

/** Of a host with so much memory, in whole pages, as systemd has it. */
export function shareBytes(permyriad: number, memoryBytes: number): bigint {
  return (((BigInt(memoryBytes) / PAGE) * BigInt(permyriad)) / 10_000n) * PAGE
}

type Parsed = Extract<MemorySize, { kind: 'bytes' | 'share' }>

const PAGE = 4096n
const MOST = 2n ** 64n - 1n
const PERMYRIADS = 10_000
/** Each sign, and how many digits may follow its point. */
const SIGNS = { '%': 2, '‰': 1, '‱': 0 } as const

function parseShare(text: string): Parsed | string | undefined {
  const sign = Object.keys(SIGNS).find((each) => text.endsWith(each)) as keyof typeof SIGNS
  if (sign === undefined) return undefined
  const digits = SIGNS[sign]
  const [, whole, fraction = ''] = /^([^.]*)(?:\.(\d+))?$/.exec(text.slice(0, -1)) ?? []
  const number = parseInteger(whole ?? '')
  if (number === undefined || fraction.length > digits) return 'it is no percentage'
  const permyriad = number * 10 ** digits + Number(fraction.padEnd(digits, '0'))
  return permyriad > PERMYRIADS ? 'it is more than 100 %' : { kind: 'share', permyriad }
}

/** As strtol(3) takes them, and with `0b` and `0o`: 010 is 8, and 08 is none. */
const INTEGERS: readonly (readonly [form: RegExp, base: number])[] = [
  [/^([+-]?)([1-9]\d*)$/, 10],
  [/^([+-]?)(0[0-7]*)$/, 8],
  [/^([+-]?)0x([\da-f]+)$/i, 16],
  [/^0o([+-]?)([0-7]+)$/i, 8],
  [/^0b([+-]?)([01]+)$/i, 2],
]

function parseInteger(text: string): number | undefined {
  for (const [form, base] of INTEGERS) {
    const [, sign, digits] = form.exec(text.trimStart()) ?? []
    if (digits === undefined) continue
    const number = Number.parseInt(digits, base)
    return sign === '-' && number > 0 ? undefined : number
  }
  return undefined
}

/** From large to small: in a sum such as `1G500M` each may come once, in this order. */
const SUFFIXES = ['E', 'P', 'T', 'G', 'M', 'K', 'B', ''] as const
const FACTORS: readonly bigint[] = [6n, 5n, 4n, 3n, 2n, 1n, 0n, 0n].map((power) => 1024n ** power)
const TERM = /^[ \t]*\+?(\d+)(?:\.(\d*))?[ \t]*/

function parseSum(text: string): Parsed | string {
  let rest = text
  let bytes = 0n
  let from = 0
  do {
    const [term, whole, digits = ''] = TERM.exec(rest) ?? []
    if (term === undefined || whole === undefined) return 'it is no number'
    rest = rest.slice(term.length)
    const index = suffixAt(rest, from)
    const [suffix, factor] = [SUFFIXES[index], FACTORS[index]]
    if (suffix === undefined || factor === undefined) {
      return `${JSON.stringify(rest)} is no suffix that it knows`
    }
    const fraction = parseFraction(digits)
    const isFit = BigInt(whole) + (fraction > 0 ? 1n : 0n) <= MOST / factor
    bytes += BigInt(whole) * factor + BigInt(Math.trunc(fraction * Number(factor)))
    if (!isFit || BigInt(digits) > MOST || bytes > MOST) return 'it is out of range'
    rest = rest.slice(suffix.length)
    from = index + 1
  } while (rest !== '')
  return bytes === MOST ? 'it is out of range' : { kind: 'bytes', bytes }
}

function suffixAt(text: string, from: number): number {
  return SUFFIXES.findIndex((suffix, at) => at >= from && text.startsWith(suffix))
}

/** Digit by digit, with the same loss as in systemd: 0.1 of something is not exact there either. */
function parseFraction(digits: string): number {
  let fraction = Number(digits)
  for (let digit = 0; digit < digits.length; digit++) fraction /= 10
  return fraction
}
