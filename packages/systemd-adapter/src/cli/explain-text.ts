import type { Explanation } from '../host/explain.ts'
import { effectLines } from './effect-lines.ts'
import { limitRows } from './limit-rows.ts'
import { type Section, sectionsText } from './sections.ts'
import { aligned } from './table.ts'

/** Why each unit has the limits that it has: what wins, what loses, and in which order files are read. */
export function explainText(
  explanations: readonly Explanation[],
  headline: string,
  memoryBytes: number,
): string {
  const sections = explanations.flatMap((explanation): Section[] => {
    const { fragment, dropIns, overridden } = explanation.resolution
    const [head = '', ...rows] = effectLines(explanation, limitRows(explanation, memoryBytes))
    const read = fragment === undefined ? dropIns : [fragment, ...dropIns]
    return [
      { title: head, lines: rows.map((line) => line.slice(2)) },
      {
        title: 'Read in this order, the last assignment wins',
        lines: aligned(read.map((path, index) => [index + 1, path])),
      },
      {
        title: 'Not read, since a stronger file has the same name',
        lines: aligned(overridden.map(({ path, by }) => [path, `by ${by}`])),
      },
    ]
  })
  return sectionsText(headline, sections)
}
