import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { startOwned } from '../../../../../test/redis/owned-process.ts'
import { ownCgroup, removeCgroup } from './own-cgroup.ts'

/** A Linux of its own, with systemd as its first process. */
export interface Container {
  /** The root of its file system, as seen from here. */
  readonly root: string
  /** The program and the arguments, on this host, that run a command in there. */
  readonly command: (command: readonly string[]) => readonly [string, readonly string[]]
  /** Runs a command as root; resolves with its output, rejects when it fails. */
  readonly run: (...command: readonly string[]) => Promise<string>
  readonly stop: () => Promise<void>
}

/** Nothing of the host's environment gets in there. */
export const INSIDE = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  LC_ALL: 'C',
  SYSTEMD_COLORS: '0',
  SYSTEMD_PAGER: '',
}

/** In namespaces of its own, so that the kernel ends all of it with its first process. */
const BOOT = `set -e
for cgroup in $CGROUPS; do mkdir "$cgroup"; echo 0 >"$cgroup/cgroup.procs"; done
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
exec systemd-nspawn "$@" </dev/null`

/**
 * Boots a container whose changes are gone with it; resolves when its services run. `mounts` are paths
 * in there, and what of this host is to be seen at them, read-only. Its systemd may use the `controllers`
 * of cgroup v1, where this host has them.
 */
export async function bootContainer(
  image: string,
  mounts: Readonly<Record<string, string>>,
  controllers: readonly string[] = [],
): Promise<Container> {
  const cgroups = ownCgroup(controllers)
  const args = [
    '--quiet',
    `--directory=${image}`,
    '--volatile=overlay',
    '--register=no',
    '--keep-unit',
    '--console=read-only',
    '--hostname=container',
    ...Object.entries(mounts).map(([inside, outside]) => `--bind-ro=${outside}:${inside}`),
    '--boot',
  ]
  const nspawn = await startOwned(
    'unshare',
    ['--fork', '--pid', '--kill-child', '--mount-proc', 'sh', '-c', BOOT, 'boot', ...args],
    { env: { ...INSIDE, CGROUPS: cgroups.join(' ') } },
  )
  try {
    await nspawn.untilLine(/Reached target .*multi-user\.target/)
  } catch (error) {
    await nspawn.kill()
    throw error
  }
  const leader = childOf(childOf(nspawn.pid))
  const root = `/proc/${leader}/root`
  const command: Container['command'] = (inside) => [
    'nsenter',
    ['-t', String(leader), '-a', '--', ...inside],
  ]
  const run: Container['run'] = async (...inside) => {
    const [program, given] = command(inside)
    const { stdout } = await promisify(execFile)(program, given, { env: INSIDE })
    return stdout
  }
  const stop = async () => {
    // The kernel ends all its processes with the first one, and only then tells of that one's end.
    if (existsSync(root)) process.kill(leader, 'SIGKILL')
    await nspawn.exited
    removeCgroup(cgroups)
  }
  try {
    await openControllers(run, controllers)
  } catch (error) {
    await stop()
    throw error
  }
  return { root, command, run, stop }
}

/** They are mounted read-only, and a systemd looks for them only when it starts. */
async function openControllers(
  run: Container['run'],
  controllers: readonly string[],
): Promise<void> {
  const places = controllers.map((name) => `/sys/fs/cgroup/${name}`).filter(existsSync)
  for (const place of places) await run('mount', '-o', 'remount,bind,rw', place)
  if (places.length > 0) await run('systemctl', 'daemon-reexec')
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
}
