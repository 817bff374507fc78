import { readFile, stat, statfs } from 'node:fs/promises'
import { posix } from 'node:path'
import type { CallOptions } from '@worker-recycler/core'
import { hookOf } from '../concerns/hook.ts'
import { parseUnitName } from '../unit-file/unit-name.ts'
import type { Hierarchy, ProgramFacts, SystemdFacts } from './facts.ts'
import { findInstances } from './instances.ts'
import { livePath, lookupPath, writePath } from './lookup-path.ts'
import { readMissing } from './read-missing.ts'
import { readProgram } from './read-program.ts'
import { readSnapshot } from './read-snapshot.ts'
import { readUnits } from './read-units.ts'
import type { SystemdRequest } from './request.ts'
import type { HostSettings } from './settings.ts'

const CGROUP2_SUPER_MAGIC = 0x63677270
const KIBIBYTE = 1024

/** Reads everything that a plan for this request depends on; touches nothing. */
export async function readFacts(
  request: SystemdRequest,
  settings: HostSettings,
  call: CallOptions,
): Promise<SystemdFacts> {
  call.signal.throwIfAborted()
  const { scope, persistence, user, manager, root, isOffline } = settings
  const target = parseUnitName(request.target)
  const hook = hookOf(request)
  const [version, hierarchy, memory] = await Promise.all([
    settings.version ?? manager.version(call),
    settings.hierarchy ?? hierarchyAt(settings.cgroupRoot),
    isOffline ? UNKNOWN_MEMORY : readMemory(settings.procRoot),
  ])
  const instances = await findInstances(request, settings, call)
  const path = writePath(scope, persistence, user)
  const directories = [target, ...instances].map(({ full }) => posix.join(path, `${full}.d`))
  const [snapshot, units, missing, program] = await Promise.all([
    readSnapshot(lookupPath(scope, user), [target, ...instances], root),
    readUnits(
      instances.map(({ full }) => full),
      hierarchy,
      settings,
      call,
    ),
    readMissing(hook ? [...directories, posix.dirname(hook.path)] : directories, root),
    hook && programAt(hook.path, settings),
  ])
  return {
    version,
    hierarchy,
    scope,
    persistence,
    isOffline,
    writePath: path,
    livePath: livePath(scope, user, version),
    notifySocket:
      scope === 'system' ? '/run/systemd/notify' : posix.join(user.runtime, 'systemd/notify'),
    ...memory,
    snapshot,
    missing,
    ...(program && { hook: program }),
    units,
  }
}

/** An image and a user's own programs may belong to who runs this, or to whom the image belongs. */
async function programAt(path: string, { root, scope }: HostSettings): Promise<ProgramFacts> {
  const self = process.getuid?.() ?? 0
  const owners = root === '/' ? [] : [(await stat(root)).uid, self]
  return readProgram(path, root, scope === 'user' ? [self] : owners)
}

/** Which hierarchy has the memory controller. */
export async function hierarchyAt(cgroupRoot: string): Promise<Hierarchy> {
  const { type } = await statfs(cgroupRoot)
  return type === CGROUP2_SUPER_MAGIC ? 'unified' : 'legacy'
}

const UNKNOWN_MEMORY = { memoryBytes: 0, swapBytes: 0 } as const

async function readMemory(
  procRoot: string,
): Promise<Pick<SystemdFacts, 'memoryBytes' | 'swapBytes'>> {
  const text = await readFile(posix.join(procRoot, 'meminfo'), 'utf8')
  const bytes = (key: string) =>
    Number(new RegExp(String.raw`^${key}:\s+(\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * KIBIBYTE
  return { memoryBytes: bytes('MemTotal'), swapBytes: bytes('SwapTotal') }
}
