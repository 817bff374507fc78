/** A table of numbers or words, with the same number of cells in each row. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** Columns as wide as their widest cell, for people. */
export function tableText({ head, rows }: Pick<Table, 'head' | 'rows'>): string {
  const all = [head, ...rows].map((cells) => cells.map(String))
  const widths = head.map((_, column) =>
    Math.max(...all.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const [title = [], ...body] = all
  return [line(title), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
