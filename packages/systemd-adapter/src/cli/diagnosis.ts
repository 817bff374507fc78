import type { Finding } from '@worker-recycler/core'
import { findingsOf } from '../findings/findings.ts'
import type { SystemdFacts } from '../host/facts.ts'
import { featuresOf } from '../host/features.ts'
import { effectsFor } from '../host/plan.ts'
import { isOurName, type PlannedFile } from '../host/planned-file.ts'
import { isOursUnchanged } from '../unit-file/render.ts'
import { driftsIn } from './drift-sentences.ts'

/** A unit with one of these runs no worker, whatever its limits are. */
const GRAVE: ReadonlySet<string> = new Set(['unit_not_found', 'unit_masked', 'unit_broken'])

/** What is wrong with a service or template as it is, whoever has set it up. Pure. */
export function diagnose(target: string, facts: SystemdFacts): readonly Finding[] {
  const request = { target }
  const files = ownFiles(facts)
  const found = findingsOf({
    request,
    facts,
    features: featuresOf(facts),
    effects: effectsFor(request, facts),
    files,
    dropped: [],
    left: [],
  })
  const drifts = driftsIn(facts).map((message) => finding('error', 'not_in_force', message))
  const graver = found.map((each): Finding =>
    GRAVE.has(each.code) ? { ...each, level: 'error' } : each,
  )
  return [...drifts, ...graver, ...edited(files)]
}

/** As if they were planned as they are: so that what defeats them is found. */
function ownFiles({ snapshot, writePath }: SystemdFacts): readonly PlannedFile[] {
  return [...snapshot.files].flatMap(([path, { bytes }]) => {
    if (!path.startsWith(`${writePath}/`) || !isOurName(path)) return []
    const text = Buffer.from(bytes).toString()
    return [{ path, before: text, after: text }]
  })
}

function edited(files: readonly PlannedFile[]): readonly Finding[] {
  return files
    .filter(({ after = '' }) => !isOursUnchanged(after))
    .map(({ path }) =>
      finding(
        'warning',
        'foreign_edit',
        `${path} was changed by somebody else since it was applied. Take the change over into your next \`apply\`, or replace the file with --replace-edited`,
      ),
    )
}

const finding = (level: Finding['level'], code: string, message: string): Finding => ({
  level,
  code,
  message,
})
