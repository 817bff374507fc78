import type { SystemdPlan } from '../host/plan.ts'
import { isChange } from '../host/planned-file.ts'
import { plannedLines } from './effect-lines.ts'
import { changeLines, fileLines } from './file-lines.ts'
import { findingLines } from './findings-text.ts'
import { limitRows, wantedOf } from './limit-rows.ts'
import { printable } from './printable.ts'
import { sectionsText } from './sections.ts'

/** A plan as people read it: files, what will be in force, commands and findings. */
export function planText(plan: SystemdPlan, width: number): string {
  const { request, files, effects, commands, findings, facts } = plan
  const isChanged = files.some((file) => isChange(file))
  return sectionsText(`Plan for ${request.target}, ${hostText(facts)}`, [
    { title: 'Files', lines: files.length > 0 ? fileLines(files) : ['none'] },
    { title: 'Changes', lines: isChanged ? changeLines(files) : ['none: everything is as asked'] },
    {
      title: 'Will be in force',
      lines: grouped(
        effects.map((effect) => {
          const wanted = wantedOf(plan, effect.unit)
          return plannedLines(effect, limitRows(effect, facts.memoryBytes, wanted))
        }),
      ),
    },
    {
      title: 'Commands',
      lines: commands.length > 0 ? commands.map((words) => printable(words.join(' '))) : ['none'],
    },
    {
      title: 'Findings',
      lines: findings.length > 0 ? findingLines(findings, width - 2) : ['none'],
    },
  ])
}

/** Units of which the same is to be said stand above it together. */
function grouped(units: readonly (readonly string[])[]): readonly string[] {
  const heads = new Map<string, string[]>()
  for (const [head = '', ...rows] of units) {
    const body = rows.join('\n')
    heads.set(body, [...(heads.get(body) ?? []), head])
  }
  return [...heads].flatMap(([body, names], index) => [
    ...(index === 0 ? [] : ['']),
    ...names,
    ...body.split('\n'),
  ])
}

/** The systemd that this is about. */
export function hostText({
  version,
  hierarchy,
}: Pick<SystemdPlan['facts'], 'version' | 'hierarchy'>): string {
  return `systemd ${version} on cgroup ${hierarchy === 'unified' ? 'v2' : 'v1'}`
}
