import { existsSync, readFileSync } from 'node:fs'

/** One JSON object. */
export type Line = Readonly<Record<string, unknown>>

/** Reads a file of JSON lines that grows; what is no JSON object is left out. */
export function jsonLines(path: string): () => readonly Line[] {
  const lines: Line[] = []
  let readLength = 0
  return () => {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    // What follows the last line's end is still being written.
    const end = text.lastIndexOf('\n') + 1
    for (const line of text.slice(readLength, end).split('\n')) {
      if (line.startsWith('{')) lines.push(JSON.parse(line) as Line)
    }
    readLength = end
    return lines
  }
}
