import { isChange, type PlannedFile } from '../host/planned-file.ts'
import { diffLines } from './diff.ts'
import { printable } from './printable.ts'
import { aligned } from './table.ts'

/** What becomes of a file. */
export function actionOf(file: PlannedFile): 'create' | 'replace' | 'delete' | 'unchanged' {
  const { before, after } = file
  if (!isChange(file)) return 'unchanged'
  if (before === undefined) return 'create'
  return after === undefined ? 'delete' : 'replace'
}

/** A line for each file. */
export function fileLines(files: readonly PlannedFile[]): readonly string[] {
  return aligned(files.map((file) => [actionOf(file), file.path]))
}

/** What changes in each file, with a blank line between them. */
export function changeLines(files: readonly PlannedFile[]): readonly string[] {
  const changed = files.filter((file) => actionOf(file) !== 'unchanged')
  return changed.flatMap((file, index) => [...(index === 0 ? [] : ['']), ...changeOf(file)])
}

function changeOf(file: PlannedFile): readonly string[] {
  const { path, before, after, beforeMode = 0, mode = 0 } = file
  if (before !== after) return diffLines(file)
  return [`${printable(path)}: mode ${beforeMode.toString(8)} becomes ${mode.toString(8)}`]
}
