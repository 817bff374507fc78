const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes as people write them, e.g. `421 MiB`. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${shortNumber(value)} ${UNITS[unit]}`
}

/** A ratio as a percentage, e.g. `82.3 %`. */
export function percentText(ratio: number): string {
  return `${shortNumber(ratio * 100)} %`
}

/** Milliseconds as people write them, e.g. `41 s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${shortNumber(ms / 1000)} s`
  return ms < 7_200_000 ? `${shortNumber(ms / 60_000)} min` : `${shortNumber(ms / 3_600_000)} h`
}

/** One decimal where it says something. */
function shortNumber(value: number): string {
  const rounded = Math.abs(value) < 100 ? Math.round(value * 10) / 10 : Math.round(value)
  return String(rounded)
}
