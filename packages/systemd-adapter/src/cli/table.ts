import { printable } from './printable.ts'

/** A cell; numbers are aligned to the right. */
export type Cell = string | number

/** Lines of a table, each column as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  return aligned([head, ...rows])
}

/** Rows without a head, each column as wide as its widest cell. */
export function aligned(rows: readonly (readonly Cell[])[]): string[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length))
  const texts = rows.map((row) => row.map((cell) => printable(String(cell))))
  const at = Array.from({ length: columns }, (_, column) => ({
    isRight: rows.some((row) => typeof row[column] === 'number'),
    width: Math.max(...texts.map((row) => row[column]?.length ?? 0)),
  }))
  return texts.map((row) =>
    row
      .map((text, column) => {
        const { isRight, width } = at[column] ?? { isRight: false, width: 0 }
        return isRight ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}
