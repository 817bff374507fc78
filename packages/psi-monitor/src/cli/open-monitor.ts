import { statSync } from 'node:fs'
import { posix } from 'node:path'
import type { Target } from '../cgroup/locate.ts'
import type { WorkingSet } from '../cgroup/working-set.ts'
import type { PsiMonitorOptions } from '../options.ts'
import { type PsiMonitor, psiMonitor } from '../psi-monitor.ts'
import type { CommandContext } from './command.ts'
import { Mistake } from './mistake.ts'
import type { NamedTarget } from './named-target.ts'
import { optionIn } from './option-names.ts'
import { limitOf } from './size.ts'

/**
 * Makes a monitor by the options of the command line: of the target's memory alone, since neither
 * this process nor its heap is what anybody asks for. Throws a `Mistake` for what the monitor refuses.
 */
export function openMonitor(
  { values, env }: Pick<CommandContext, 'values' | 'env'>,
  { target }: NamedTarget,
  more: PsiMonitorOptions = {},
): PsiMonitor {
  const { 'working-set': workingSet, 'memory-max': max, 'memory-high': high } = values
  const isSelf = target === 'self'
  try {
    return psiMonitor({
      ...more,
      target,
      heap: false,
      process: false,
      // What systemd set for this command is not what it set for another.
      memoryPressureWatch: isSelf ? 'auto' : 'skip',
      env,
      root: rootOf(values),
      ...(workingSet !== undefined && { workingSet: workingSet as WorkingSet }),
      ...(max !== undefined && { memoryMax: limitOf('--memory-max', max) }),
      ...(high !== undefined && { memoryHigh: limitOf('--memory-high', high) }),
    })
  } catch (error) {
    throw error instanceof TypeError ? mistakeFor(error, target) : error
  }
}

/** The directory that stands before every path. */
export function rootOf({ root }: CommandContext['values']): string {
  if (root === undefined) return '/'
  const isDirectory = statSync(root, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (!isDirectory) throw new Mistake(`--root: ${JSON.stringify(root)} is no directory`)
  return posix.resolve(root)
}

/** A TypeError of the monitor, which is about an option, as the mistake that it tells of. */
export function mistakeFor({ message }: TypeError, target: Target): Mistake {
  const targetOption = typeof target === 'object' && 'pid' in target ? '--pid' : '--cgroup'
  return new Mistake(`${optionIn(message) ?? targetOption}: ${message}`)
}
