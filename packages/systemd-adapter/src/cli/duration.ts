import { Mistake } from './mistake.ts'

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads a time with its unit, as whole milliseconds, 1 ms at least: `500ms`, `90s`, `1.5m`. */
export function durationOf(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const ms = Math.round(Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? 0))
  if (ms >= 1 && Number.isSafeInteger(ms)) return ms
  throw new Mistake(`${option} takes a time such as 150ms, 90s or 2m, not ${JSON.stringify(text)}`)
}
