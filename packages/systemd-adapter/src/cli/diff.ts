import type { FileChange } from '@worker-recycler/core'
import { printable } from './printable.ts'

const CONTEXT = 3
/** Of a whole file that comes or goes, so much says what it is. */
const MOST_LINES = 24
/** Beyond so many pairs of lines, common lines are not looked for. */
const MOST_PAIRS = 4_000_000

/** What a change does to its file, as `diff -u` would show it, without the numbers of lines. */
export function diffLines({ path, before, after }: FileChange): readonly string[] {
  const edits = editsOf(linesOf(before), linesOf(after))
  const lines = before === undefined || after === undefined ? cut(edits) : nearChanges(edits)
  return [
    `--- ${before === undefined ? '/dev/null' : printable(path)}`,
    `+++ ${after === undefined ? '/dev/null' : printable(path)}`,
    ...lines,
  ]
}

function linesOf(text = ''): readonly string[] {
  const lines = text.split('\n').map((line) => printable(line))
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function cut(lines: readonly string[]): readonly string[] {
  const rest = lines.length - MOST_LINES
  return rest <= 1 ? lines : [...lines.slice(0, MOST_LINES), `(${rest} more lines)`]
}

function nearChanges(edits: readonly string[]): readonly string[] {
  const changed = edits.flatMap((edit, index) => (edit.startsWith(' ') ? [] : [index]))
  const isNear = (index: number) => changed.some((at) => Math.abs(at - index) <= CONTEXT)
  return edits.flatMap((edit, index) => {
    if (isNear(index)) return [edit]
    return isNear(index - 1) || index === 0 ? ['@@'] : []
  })
}

/** By the longest common subsequence of the lines. */
function editsOf(before: readonly string[], after: readonly string[]): readonly string[] {
  if (before.length * after.length > MOST_PAIRS) {
    return [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)]
  }
  const common = commonLengths(before, after)
  const edits: string[] = []
  let [at, to] = [0, 0]
  while (at < before.length || to < after.length) {
    if (at < before.length && to < after.length && before[at] === after[to]) {
      edits.push(` ${before[at]}`)
      at += 1
      to += 1
    } else if (at < before.length && lengthAt(common, at + 1, to) >= lengthAt(common, at, to + 1)) {
      edits.push(`-${before[at]}`)
      at += 1
    } else if (to < after.length) {
      edits.push(`+${after[to]}`)
      to += 1
    } else {
      edits.push(`-${before[at]}`)
      at += 1
    }
  }
  return edits
}

function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  )
  for (let at = before.length - 1; at >= 0; at -= 1) {
    const row = lengths[at] ?? []
    for (let to = after.length - 1; to >= 0; to -= 1) {
      row[to] =
        before[at] === after[to]
          ? 1 + lengthAt(lengths, at + 1, to + 1)
          : Math.max(lengthAt(lengths, at + 1, to), lengthAt(lengths, at, to + 1))
    }
  }
  return lengths
}

const lengthAt = (lengths: readonly (readonly number[])[], at: number, to: number): number =>
  lengths[at]?.[to] ?? 0
