/** Time in which tasks stood still since boot, in microseconds. */
export interface StallTotals {
  readonly someUs: number
  readonly fullUs: number
}

/** Of longer numbers the last digits: differences stay exact, and 10^15 us are 31 years. */
const DIGITS = 15

/**
 * Reads the text of a pressure file (Documentation/accounting/psi.rst). `total` is fresh to the
 * read, unlike the averages, which the kernel renews every 2 s. Undefined for any other text.
 */
export function parsePressure(text: string): StallTotals | undefined {
  const someUs = totalIn(text, 'some ')
  // Before Linux 5.13 the whole system had no line `full` for the CPU; memory always had one.
  return someUs === undefined ? undefined : { someUs, fullUs: totalIn(text, 'full ') ?? 0 }
}

function totalIn(text: string, kind: string): number | undefined {
  const line = text.startsWith(kind) ? 0 : text.indexOf(`\n${kind}`)
  if (line === -1) return undefined
  const newline = text.indexOf('\n', line + 1)
  const end = newline === -1 ? text.length : newline
  const key = text.indexOf(' total=', line)
  if (key === -1 || key > end) return undefined
  const from = key + ' total='.length
  const value = Number(text.slice(Math.max(from, end - DIGITS), end))
  return Number.isFinite(value) ? value : undefined
}
