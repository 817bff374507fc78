/** A terminal is not to obey what somebody wrote into a file or its name. */
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** A text on one line, without what controls a terminal. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
