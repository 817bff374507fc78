/**
 * Refuses what would end a line of a unit file, and with it the value: an injection. And what systemd
 * counts as no UTF-8: it would not read the rest of the file.
 */
export function assertOneLine(what: string, text: string): void {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u001F\u007F\p{Surrogate}\p{Noncharacter_Code_Point}]/u.test(text)) {
    throw new TypeError(`Expected ${what} without control characters, got ${JSON.stringify(text)}`)
  }
}

/** A word of a value in which systemd expands specifiers: `%` stands for itself. */
export function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%')
}

/**
 * One argument of an `Exec...=` line (systemd.service(5), "Command lines"): quoted, with `$`, `%`, `\`
 * and quotes standing for themselves. Throws a TypeError for control characters.
 */
export function quoteArgument(text: string): string {
  assertOneLine('an argument', text)
  const escaped = escapeSpecifiers(text)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('$', '$$$$')
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(escaped) && !escaped.startsWith('-')
    ? escaped
    : `"${escaped}"`
}
