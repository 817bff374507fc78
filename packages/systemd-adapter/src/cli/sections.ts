/** A part of a text: a title, and lines below it. */
export interface Section {
  readonly title: string
  readonly lines: readonly string[]
}

/** A headline, and the sections that hold anything, with blank lines between them. */
export function sectionsText(headline: string, sections: readonly Section[]): string {
  const parts = sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => [title, ...lines.map((line) => line && `  ${line}`)])
  return [[headline], ...parts].map((lines) => `${lines.join('\n')}\n`).join('\n')
}
