const MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  month: 2_629_800_000,
  y: 31_557_600_000,
}

/** Milliseconds of a span as `systemctl show` prints it, e.g. `1min 30s`; `Infinity` for `infinity`. */
export function parseTimeSpan(text: string): number | undefined {
  if (text === 'infinity') return Infinity
  let totalMs = 0
  for (const part of text.split(' ')) {
    const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)([a-z]+)?$/.exec(part) ?? []
    const factor = MS[unit]
    if (number === undefined || factor === undefined) return undefined
    totalMs += Number(number) * factor
  }
  return totalMs
}
