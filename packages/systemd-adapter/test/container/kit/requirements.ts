import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { programPath } from '../../../../../test/redis/redis-binary.ts'
import { hierarchies } from './own-cgroup.ts'

const PROGRAMS = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
}

/** Why no container can be booted here, as the note of what is skipped; undefined when one can. */
export function withoutContainer(): string | undefined {
  if (process.platform !== 'linux') return 'a container with systemd needs Linux'
  if (process.getuid?.() !== 0) return 'a container with systemd needs root'
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (programPath(program) === undefined) {
      return `${program} is not installed (Debian package ${debianPackage})`
    }
  }
  if (!hierarchies().every(canWrite)) return 'the cgroups of this host are read-only'
  const { status } = spawnSync('unshare', ['--fork', '--pid', '--mount-proc', 'true'])
  return status === 0 ? undefined : 'this process may not make namespaces'
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
