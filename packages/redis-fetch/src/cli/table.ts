import { printable } from './printable.ts'

/** A cell; numbers are aligned to the right. A number that is not known is shown as `?`. */
export type Cell = string | number

/** Lines of a table, each column as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const isRight = head.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  const texts = [head, ...rows].map((row) => row.map(textOf))
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  return texts.map((row) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0
        return isRight[column] ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

function textOf(cell: Cell): string {
  if (typeof cell === 'string') return printable(cell)
  return Number.isNaN(cell) ? '?' : String(cell)
}
