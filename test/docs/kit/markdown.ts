/** A fenced block of code. */
export interface CodeBlock {
  /** The first word after the fence. */
  readonly language: string
  /** The words after it, e.g. `no-check` or `file=src/a.ts`. */
  readonly words: readonly string[]
  readonly code: string
  /** The line of the fence, from 1. */
  readonly line: number
  /** The last line before the fence that is not empty. */
  readonly before: string
}

/** All fenced blocks of a page. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split('\n')
  const blocks: CodeBlock[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, fence, info = ''] = /^(`{3,})(.*)$/.exec(lines[at] ?? '') ?? []
    if (fence === undefined) continue
    const end = lines.indexOf(fence, at + 1)
    const [language = '', ...words] = info.trim().split(/\s+/)
    const before = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? ''
    blocks.push({
      language,
      words,
      code: lines
        .slice(at + 1, end)
        .map((line) => `${line}\n`)
        .join(''),
      line: at + 1,
      before,
    })
    at = end
  }
  return blocks
}

/** The page without its fenced blocks. */
function prose(markdown: string): string {
  return markdown.replaceAll(/^(`{3,}).*\n(?:.*\n)*?\1$/gm, '')
}

/** What follows a heading of the second level, up to the next one. */
export function section(markdown: string, heading: string): string {
  const start = markdown.indexOf(`\n## ${heading}\n`)
  if (start === -1) throw new Error(`There is no section "${heading}"`)
  const next = markdown.indexOf('\n## ', start + 1)
  return markdown.slice(start, next === -1 ? undefined : next)
}

/** The rows of all tables of a text, without heads and rulers. */
export function tableRows(text: string): string[][] {
  const rows: string[][] = []
  let inHead = true
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) inHead = true
    else if (/^\|[\s:|-]+\|$/.test(line)) inHead = false
    else if (!inHead) {
      rows.push(
        line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replaceAll('\\|', '|')),
      )
    }
  }
  return rows
}

/** The texts between backticks; two of them enclose a text with single ones. */
export function codeSpans(text: string): string[] {
  return [...text.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , span = '']) => span.trim())
}

/** What the first cells of all tables of a text name, between backticks. */
export function namedInTables(text: string): string[] {
  return tableRows(text).flatMap(([cell = '']) => codeSpans(cell))
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(markdown: string): string[] {
  return [...prose(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** A link of a page. */
export interface Link {
  readonly text: string
  readonly target: string
}

/** The links of a page, but for those in code. */
export function links(markdown: string): Link[] {
  return [...prose(markdown).matchAll(/(?<!!)\[((?:[^\]`]|`[^`]*`)+)\]\(([^)\s]+)\)/g)].map(
    ([, text = '', target = '']) => ({ text, target }),
  )
}
