import { Mistake } from './mistake.ts'

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** The shortest that the monitor takes. */
const LEAST_MS = 10

/** Reads a time with its unit, in ms, of 10 ms at least: `500ms`, `30s`, `1.5m`. */
export function durationOf(option: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const ms = Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? 0)
  if (ms >= LEAST_MS) return ms
  throw new Mistake(
    `${option} takes a time from 10ms up, such as 500ms, 1s or 2m, not ${JSON.stringify(text)}`,
  )
}
