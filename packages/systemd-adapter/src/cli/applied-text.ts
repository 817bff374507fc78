import { bytesText, type Drift } from '@worker-recycler/core'
import type { UnitEffect } from '../host/effects.ts'
import type { SystemdPlan } from '../host/plan.ts'
import type { AppliedReport } from './applied-report.ts'
import { unitText } from './effect-lines.ts'
import { actionOf } from './file-lines.ts'
import { hanging } from './hanging.ts'
import { limitRows } from './limit-rows.ts'
import { printable } from './printable.ts'
import { sectionsText } from './sections.ts'
import { valueText } from './size-text.ts'
import { aligned, type Cell } from './table.ts'

const DONE = { create: 'created', replace: 'replaced', delete: 'deleted' } as const

/** What was done, and what is in force now. */
export function appliedText(report: AppliedReport, isOffline: boolean, width: number): string {
  const { applied, ended, restarted, skipped, receipt, takeBack } = report
  const { plan, reloads } = applied
  const files = plan.files.flatMap((file): Cell[][] => {
    const action = actionOf(file)
    return action === 'unchanged' ? [] : [[DONE[action], file.path]]
  })
  const done = aligned([
    ...(files.length > 0 ? files : [['unchanged', 'every file is as asked already']]),
    isOffline
      ? ['reloads', 'none: no systemd runs on an image']
      : ['reloads', reloads === 0 ? 'none was needed' : String(reloads)],
    ...restarted.filter(({ ok }) => ok).map(({ unit }) => ['restarted', unit]),
  ])
  const failed = restarted.flatMap(({ sentence }) => (sentence === undefined ? [] : [sentence]))
  return sectionsText(`Applied to ${plan.request.target}`, [
    { title: 'Done', lines: done },
    { title: 'In force', lines: isOffline ? [] : inForceLines(report) },
    { title: 'Not in force', lines: notInForceLines(report, width - 2) },
    {
      title: 'Ended',
      lines: ended.flatMap((unit) =>
        broken(
          `${unit} ran before and does not run now: a limit below what it used kills. Look into it: systemctl status ${unit}.`,
          width - 2,
        ),
      ),
    },
    {
      title: 'Not restarted',
      lines: [
        ...failed.flatMap((sentence) => broken(`${sentence}.`, width - 2)),
        ...skipped.map((unit) => `${unit}: left as it is, since the one before failed`),
      ],
    },
    {
      title: 'Receipt',
      lines: [printable(receipt), printable(`take it back: ${takeBack}`)],
    },
  ])
}

function inForceLines({ effects, notInForce, applied }: AppliedReport): readonly string[] {
  const { memoryBytes } = applied.plan.facts
  return aligned(
    effects.flatMap((effect): Cell[][] => {
      const { unit, facts } = effect
      if (!facts?.kernel) return [[unitText(unit), whenText(effect)]]
      const drifting = new Set(
        notInForce.filter(({ target }) => target === unit).map(({ key }) => key),
      )
      const rows = limitRows(effect, memoryBytes)
        .filter(({ key, kernelNow }) => kernelNow !== undefined && !drifting.has(key))
        .map(({ key, kernelNow = '' }) => [unit, `${key} ${kernelNow}, as the kernel has it`])
      return rows
    }),
  )
}

function whenText({ facts }: UnitEffect): string {
  return facts?.isActive
    ? 'runs without an account of its memory: its next start brings the limit'
    : 'does not run: its next start brings the limit'
}

function notInForceLines(report: AppliedReport, width: number): readonly string[] {
  const { notInForce, effects, applied } = report
  return notInForce.flatMap((drift) => {
    const { target, key, wanted, actual } = drift
    const effect = effects.find(({ unit }) => unit === target)
    const sentence = `${target}: ${key} is to be ${valueText(wanted)}, the kernel has ${valueText(actual)}. ${whyNot(drift, effect, applied.plan)}.`
    return broken(sentence, width)
  })
}

/** Why a value is not in force, and what brings it. */
function whyNot(
  { target, wanted }: Drift,
  effect: UnitEffect | undefined,
  { facts }: SystemdPlan,
): string {
  const used = effect?.facts?.usedBytes
  if (facts.hierarchy === 'legacy' && used !== undefined && used > Number(wanted)) {
    return `It uses ${bytesText(used)}, and cgroup v1 refuses a limit below that (EBUSY): restart it, or apply again when it uses less`
  }
  return `Neither the reload nor set-property brought it there: restart ${target}, or apply again with --restart`
}

function broken(sentence: string, width: number): readonly string[] {
  return hanging('', printable(sentence), width).trimEnd().split('\n')
}
