import type { Finding } from '@worker-recycler/core'
import { hanging } from './hanging.ts'
import { printable } from './printable.ts'

const LEVEL_WIDTH = 9
const ORDER: readonly Finding['level'][] = ['error', 'warning', 'info']

/** Findings, the gravest first: level, code, what is so, and on a line of its own what to do. */
export function findingLines(findings: readonly Finding[], width: number): readonly string[] {
  const codeWidth = Math.max(0, ...findings.map(({ code }) => code.length)) + 2
  const sorted = findings.toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level))
  return sorted.flatMap(({ level, code, message }) => {
    const label = `${level.padEnd(LEVEL_WIDTH)}${code.padEnd(codeWidth)}`
    return sentencesOf(printable(message)).flatMap((sentence, index) =>
      hanging(index === 0 ? label : ' '.repeat(label.length), sentence, width)
        .trimEnd()
        .split('\n'),
    )
  })
}

/** The rest of a message, after its first sentence, says what to do. */
function sentencesOf(message: string): readonly string[] {
  const end = /\. (?=[A-Z])/.exec(message)
  if (!end) return [`${message}.`]
  return [`${message.slice(0, end.index)}.`, `${message.slice(end.index + 2)}.`]
}
