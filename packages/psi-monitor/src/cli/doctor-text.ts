import { bytesText } from '@worker-recycler/core'
import type { Diagnosis, Warning } from './diagnosis.ts'
import { hanging } from './hanging.ts'
import { printable } from './printable.ts'
import { holderText, usageText } from './usage-text.ts'

const WARNINGS: Readonly<Record<Warning, string>> = {
  events: 'events of the kernel',
  stalls: 'stalls',
  forecast: 'a forecast of usage against the limit',
}

const LABEL_WIDTH = 13

/** The diagnosis as people read it: sources, what governs, and what could be better. */
export function doctorText(diagnosis: Diagnosis, title: string, width: number): string {
  const { sources, target, advice } = diagnosis
  const names = Math.max(...sources.map(({ source }) => source.length))
  return [
    `${[title, placeOf(diagnosis)].filter(Boolean).join(', ')}\n`,
    ...(target === 'self' ? [hanging('', OWN, width)] : []),
    '\n',
    ...sources.map(({ source, state, sentence }) =>
      hanging(`${source.padEnd(names)}  ${state.padEnd(7)}  `, printable(sentence), width),
    ),
    '\n',
    ...governing(diagnosis).map(([label, text]) => hanging(label.padEnd(LABEL_WIDTH), text, width)),
    ...(advice.length > 0 ? ['\n'] : []),
    ...advice.map((sentence) => hanging('advice'.padEnd(LABEL_WIDTH), printable(sentence), width)),
  ].join('')
}

/** Where its account of memory is kept, unless it was named by that. */
function placeOf({ sources, target }: Diagnosis): string | undefined {
  const path = sources.find(({ source }) => source === 'usage')?.path
  const isNamed = typeof target === 'object' && 'cgroup' in target && !('unit' in target)
  return isNamed || path === undefined ? undefined : printable(path)
}

const OWN =
  'This is the cgroup that the command runs in, the same as that of your shell; --unit or --pid looks at a worker.'

function governing({ reading, warnings }: Diagnosis): readonly (readonly [string, string])[] {
  if (!reading) return [['memory', 'Nothing can be measured.']]
  const { metric, limitBytes, limitedBy = 'nothing' } = reading
  const limit =
    limitBytes === undefined ? 'none' : `${bytesText(limitBytes)}, held by ${holderText(limitedBy)}`
  const workingSet = WORKING_SETS[metric]
  return [
    ['metric', metric],
    ...(workingSet === undefined ? [] : [['working set', workingSet] as const]),
    ['used', usageText(reading)],
    ['limit', limit],
    ['warnings', warnings.map((warning) => WARNINGS[warning]).join(', ') || 'Nothing warns early.'],
  ]
}

/** What counts as used, by metric. */
const WORKING_SETS: Readonly<Record<string, string>> = {
  'cgroup.unreclaimable': 'unreclaimable: all but page cache and reclaimable slab',
  'cgroup.workingSet': 'kubelet: all but inactive file pages',
  'cgroup.rss': 'rss: anonymous memory alone',
  'process.unreclaimable': 'anonymous, shared and swapped memory of the process alone',
  'process.rss': 'resident memory of the process alone',
}
