import type { HookOptions, RestartOptions, StopOptions, SystemdRequest } from '../host/request.ts'
import { durationOf } from './duration.ts'
import { limitsIn } from './limit-options.ts'
import { Mistake } from './mistake.ts'
import type { OptionValues } from './options.ts'

const OOM_POLICIES = ['kill', 'stop', 'continue'] as const
const RESTART_POLICIES = ['on-failure', 'always', 'on-abnormal'] as const

/**
 * What the options ask of the host. Throws a `Mistake` for what does not fit, and where they ask for
 * nothing: that would take away all that is set.
 */
export function requestOf(target: string, values: OptionValues): SystemdRequest {
  const restart = restartOf(values)
  const stop = stopOf(values)
  const pressure = pressureOf(values)
  const hook = hookOf(values)
  const asked = {
    ...limitsIn(target, values),
    ...(restart && { restart }),
    ...(stop && { stop }),
    ...(pressure && { pressure }),
    ...(hook && { hook }),
    ...(values.notify && { notify: true }),
  }
  if (Object.keys(asked).filter((key) => key !== 'instances').length === 0) {
    throw new Mistake(
      'Nothing is asked for: give --max or another limit; `revert` takes back what was applied',
    )
  }
  const oomPolicy = oneOf('--oom-policy', values['oom-policy'], OOM_POLICIES)
  return {
    target,
    ...asked,
    ...(oomPolicy && { oomPolicy }),
    ...(values.order !== undefined && { order: orderOf(values.order) }),
    ...(values['below-usage'] && { belowUsage: true }),
    ...(values['replace-edited'] && { replaceEdited: true }),
  }
}

function restartOf(values: OptionValues): RestartOptions | undefined {
  const policy = oneOf('--restart-policy', values['restart-policy'], RESTART_POLICIES)
  if (policy) return { policy }
  return values.recycle ? {} : undefined
}

function stopOf({ recycle, 'stop-timeout': timeout }: OptionValues): StopOptions | undefined {
  if (timeout !== undefined) return { timeoutMs: durationOf('--stop-timeout', timeout) }
  return recycle ? {} : undefined
}

function pressureOf({
  pressure,
  'pressure-threshold': threshold,
}: OptionValues): SystemdRequest['pressure'] | undefined {
  if (threshold !== undefined) return { thresholdMs: durationOf('--pressure-threshold', threshold) }
  return pressure ? {} : undefined
}

function hookOf(values: OptionValues): HookOptions | undefined {
  const { hook, 'hook-path': path, spool, 'recover-command': recover } = values
  if (!hook && recover === undefined) {
    if (path !== undefined) throw new Mistake('--hook-path belongs to --hook')
    if (spool !== undefined) throw new Mistake('--spool belongs to --hook')
    return undefined
  }
  return {
    ...(path !== undefined && { path }),
    ...(spool !== undefined && { spool }),
    ...(recover !== undefined && { recover: commandIn(recover) }),
  }
}

/** A list and never a line for a shell: nothing is to be quoted, and nothing can be smuggled in. */
function commandIn(text: string): readonly string[] {
  let command: unknown
  try {
    command = JSON.parse(text)
  } catch {
    command = undefined
  }
  const isList = Array.isArray(command) && command.every((each) => typeof each === 'string')
  const [program] = isList ? (command as string[]) : []
  if (isList && program?.startsWith('/')) return command as string[]
  throw new Mistake(
    `--recover-command takes a program and its arguments as JSON, such as '["/usr/bin/x","recover"]', not ${JSON.stringify(text)}`,
  )
}

function orderOf(text: string): string {
  if (/^\d\d$/.test(text)) return text
  throw new Mistake(`--order takes two digits, such as 95, not ${JSON.stringify(text)}`)
}

function oneOf<T extends string>(
  option: string,
  text: string | undefined,
  allowed: readonly T[],
): T | undefined {
  const value = allowed.find((each) => each === text)
  if (value !== undefined || text === undefined) return value
  throw new Mistake(`${option} takes ${allowed.join(', ')}, not ${JSON.stringify(text)}`)
}
