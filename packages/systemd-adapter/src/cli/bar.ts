import type { Glyphs } from './glyphs.ts'

/** A bar of so many characters, filled by the ratio; what is more than nothing shows. */
export function bar(ratio: number, width: number, { parts, rest }: Glyphs): string {
  const most = width * parts.length
  const filled = Math.min(most, ratio > 0 ? Math.max(1, Math.round(ratio * most)) : 0)
  const full = Math.floor(filled / parts.length)
  const part = parts[(filled % parts.length) - 1] ?? ''
  return `${(parts.at(-1) ?? '').repeat(full)}${part}`.padEnd(width, rest)
}
