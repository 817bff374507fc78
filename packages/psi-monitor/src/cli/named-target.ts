import { posix } from 'node:path'
import type { Target } from '../cgroup/locate.ts'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import type { CommandContext } from './command.ts'
import { Mistake } from './mistake.ts'
import { printable } from './printable.ts'
import { unitCgroup } from './unit-cgroup.ts'
import { unitName } from './unit-name.ts'

/** A target, and what it is called. */
export interface NamedTarget {
  readonly target: Target
  /** For people. */
  readonly title: string
  /** For programs: as the target was given, and what was found by it. */
  readonly named: Target | { readonly unit: string; readonly cgroup: string }
}

/** Reads which target the options name; without any it is the cgroup that the command runs in. */
export async function readTarget(
  context: Pick<CommandContext, 'values' | 'env' | 'signal'>,
  files: KernelFiles,
): Promise<NamedTarget> {
  const { pid, cgroup, unit, user } = context.values
  if ([pid, cgroup, unit].filter((given) => given !== undefined).length > 1) {
    throw new Mistake('Give one of --pid, --cgroup and --unit')
  }
  if (user && unit === undefined) throw new Mistake('--user belongs to --unit')
  if (pid !== undefined) {
    const target = { pid: pidOf(pid) }
    return { target, title: `process ${target.pid}`, named: target }
  }
  if (cgroup !== undefined) {
    if (cgroup === '') throw new Mistake('--cgroup takes the directory of a cgroup')
    const target = { cgroup: posix.resolve(cgroup) }
    return { target, title: `cgroup ${printable(target.cgroup)}`, named: target }
  }
  if (unit !== undefined) {
    const name = unitName(unit)
    const target = { cgroup: await unitCgroup(name, files, context) }
    return { target, title: name, named: { unit: name, ...target } }
  }
  return { target: 'self', title: 'own cgroup', named: 'self' }
}

function pidOf(text: string): number {
  const pid = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(pid) && pid > 0) return pid
  throw new Mistake(`--pid takes the id of a process, not ${JSON.stringify(text)}`)
}
