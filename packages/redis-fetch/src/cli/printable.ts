/** Names come from producers: a terminal is not to obey what is in them. */
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** A text on one line, without what controls a terminal; cut to `most` characters. */
export function printable(text: string, most: number = Infinity): string {
  const plain = text.replaceAll(CONTROLS, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain
}
