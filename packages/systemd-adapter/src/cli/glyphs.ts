/** The characters that bars are made of. */
export interface Glyphs {
  /** A cell from its left: almost empty to full. */
  readonly parts: string
  /** The part of a bar that is not filled. */
  readonly rest: string
}

const BLOCKS: Glyphs = { parts: '▏▎▍▌▋▊▉█', rest: '░' }
const ASCII: Glyphs = { parts: '#', rest: '.' }

/** Block characters where the locale is one of UTF-8, else plain ASCII (locale(7)). */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  // The first of them that is set and not empty counts.
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return /utf-?8/i.test(locale) ? BLOCKS : ASCII
}
