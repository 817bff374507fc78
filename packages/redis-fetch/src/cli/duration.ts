const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads a time with its unit: `500ms`, `30s`, `1.5m`, `1h`. Undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const unitMs = UNITS_MS[match?.[2] ?? '']
  return match && unitMs !== undefined ? Number(match[1]) * unitMs : undefined
}

/** A time as people read it, in its two largest units: `250 ms`, `12 s`, `3 min 5 s`, `4 d 2 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.floor(ms / 1000)
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit))
  if (!minutes) return `${seconds} s`
  if (!hours) return `${minutes} min ${seconds % 60} s`
  if (!days) return `${hours} h ${minutes % 60} min`
  return `${days} d ${hours % 24} h`
}
