/** Writes every byte that is not a letter, a digit, `_`, `.` or `-` as `%XX`. */
export function encodeName(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The inverse; undefined when the text is not an encoded name. */
export function decodeName(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
