const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads a duration with its unit: `500ms`, `30s`, `1.5m`, `1h`. Undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const unitMs = UNITS_MS[match?.[2] ?? '']
  return match && unitMs !== undefined ? Number(match[1]) * unitMs : undefined
}
