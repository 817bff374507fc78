import { hookOf } from '../concerns/hook.ts'
import { listOf } from '../host/effective.ts'
import type { UnitEffect } from '../host/effects.ts'
import type { FindingInput } from './finding-input.ts'
import type { Found } from './found.ts'

/** Findings on the program that records deaths. */
export function hookFindings(input: FindingInput): readonly Found[] {
  return [...unsafe(input), ...input.effects.flatMap((effect) => twice(effect, input))]
}

/** Whoever can change the program runs commands with all rights. */
function unsafe({ facts, request, features }: FindingInput): readonly Found[] {
  const hook = hookOf(request)
  if (!hook || !features.endIsTold) return []
  return (facts.hook?.loose ?? []).map((why) => ({
    level: 'error',
    code: 'hook_unsafe',
    message: `${why}: whoever can change what is there runs ${hook.path} of their own as root. Give it to root, with mode 755, or choose another path (--hook-path)`,
  }))
}

/** Lists of commands grow with every file: one that stands in two of them runs twice. */
function twice({ unit, resolution }: UnitEffect, { request }: FindingInput): readonly Found[] {
  const commands = listOf(resolution, 'Service', 'ExecStopPost')
  const path = hookOf(request)?.path
  const programOf = (value: string) => {
    const program = value.replace(/^[-+!@:|]*/, '').split(/\s/)[0]
    return program === path ? program : value
  }
  const again = commands.find(({ value }, at) =>
    commands.slice(0, at).some((earlier) => programOf(earlier.value) === programOf(value)),
  )
  if (!again) return []
  return [
    {
      level: 'warning',
      code: 'hook_twice',
      unit,
      message: `ExecStopPost=${again.value} runs twice, the second time by ${again.path}:${again.line}. Remove that line`,
    },
  ]
}
