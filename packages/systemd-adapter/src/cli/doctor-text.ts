import type { Finding } from '@worker-recycler/core'
import type { FeatureReport } from './feature-list.ts'
import { findingLines } from './findings-text.ts'
import { hanging } from './hanging.ts'
import type { Permission } from './permission.ts'
import { printable } from './printable.ts'
import { sectionsText } from './sections.ts'

/** What `doctor` found. */
export interface Diagnosis {
  /** Nothing is wrong. */
  readonly ok: boolean
  readonly version: number
  readonly hierarchy: 'unified' | 'legacy'
  readonly features: readonly FeatureReport[]
  readonly permission: Permission
  /** The unit that it is about; undefined for the host alone. */
  readonly unit?: string
  readonly findings: readonly Finding[]
}

/** The diagnosis as people read it. */
export function doctorText(diagnosis: Diagnosis, headline: string, width: number): string {
  const { features, permission, unit, findings } = diagnosis
  const names = Math.max(...features.map(({ name }) => name.length))
  const found = findings.length > 0 ? findingLines(findings, width - 2) : ['nothing is wrong']
  return sectionsText(headline, [
    {
      title: 'What it can do for a worker',
      lines: features.flatMap(({ name, can, sentence }) =>
        labelled(`${can ? 'yes' : 'no '}  ${name.padEnd(names)}  `, sentence, width - 2),
      ),
    },
    {
      title: 'May you apply?',
      lines: labelled(permission.mayApply ? 'yes  ' : 'no   ', permission.sentence, width - 2),
    },
    ...(unit === undefined ? [] : [{ title: `Findings on ${unit}`, lines: found }]),
  ])
}

function labelled(label: string, text: string, width: number): readonly string[] {
  return hanging(label, printable(text), width).trimEnd().split('\n')
}
