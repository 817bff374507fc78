import { posix } from 'node:path'
import { directoryIn } from '../cgroup/directory.ts'
import { parseMounts } from '../cgroup/mounts.ts'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import { askSystemctl } from './ask-systemctl.ts'
import type { CommandContext } from './command.ts'
import { Failure } from './failure.ts'
import { printable } from './printable.ts'

/** Finds the directory of a unit's cgroup. Throws a `Failure` when it has none that can be seen. */
export async function unitCgroup(
  unit: string,
  files: KernelFiles,
  context: Pick<CommandContext, 'values' | 'env' | 'signal'>,
): Promise<string> {
  const { loadState, activeState, controlGroup } = await askSystemctl(unit, context)
  if (controlGroup === '') {
    if (loadState === 'not-found') {
      const hint = context.values.user ? '' : '; --user asks the user manager'
      throw new Failure(`systemd knows no unit ${unit}${hint}`)
    }
    if (activeState !== 'active') throw new Failure(`${unit} is not running (${activeState})`)
    throw new Failure(`${unit} has no cgroup: it runs no processes of its own`)
  }
  const directory = directoryFor(controlGroup, files)
  if (directory !== undefined) return directory
  throw new Failure(`The cgroup ${printable(controlGroup)} of ${unit} is in no mount that is seen`)
}

/** Of several hierarchies, as on hybrid hosts, the one that keeps the account of memory. */
function directoryFor(controlGroup: string, files: KernelFiles): string | undefined {
  const exists = (path: string) => {
    try {
      return Boolean(files.kindOf(path))
    } catch {
      return false
    }
  }
  const directories = parseMounts(files.readText('/proc/self/mountinfo'))
    .filter(({ version, controllers }) => version === 2 || controllers.includes('memory'))
    .toSorted((a, b) => b.version - a.version)
    .map((mount) => ({ ...mount, ...directoryIn(mount, controlGroup, exists) }))
    // The mount's own directory stands for what the mount does not show.
    .filter(({ path, top }) => path !== top)
  const accounted = directories.find(({ version, path }) =>
    exists(posix.join(path, version === 2 ? 'memory.current' : 'memory.usage_in_bytes')),
  )
  return (accounted ?? directories[0])?.path
}
