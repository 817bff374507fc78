import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type OwnedProcess, startOwned } from '../../../test/redis/owned-process.ts'
import { programPath, withoutRedis } from '../../../test/redis/redis-binary.ts'
import { CGROUP_ROOT, makeMemoryCgroup } from './memory-cgroup.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const supervisor = 'examples/container/src/supervisor.ts'
const node = [process.execPath, '--import', 'tsx', '--conditions=@worker-recycler/source']

/** The supervisor as a container runs it. */
export interface Container extends OwnedProcess {
  /** Asks a probe; resolves with the status and the sentence. */
  readonly probe: (path: '/live' | '/ready') => Promise<string>
  /** The pid of its PID 1, as the host sees it. */
  readonly mainPid: number
  /** The pid, as the host sees it, of the worker that last said that it was ready in a slot. */
  readonly workerPid: (slot: number) => number
  /** Ended processes that PID 1 should have reaped, by their names. */
  readonly zombies: () => string[]
}

/** Why there can be no container here; undefined where there can. */
export function withoutContainer(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root, for namespaces and a cgroup'
  for (const program of ['unshare', 'setpriv', 'mount']) {
    if (programPath(program) === undefined) return `${program} is not installed`
  }
  try {
    void makeMemoryCgroup(1e9).remove()
  } catch {
    return 'it needs a memory cgroup of version 1 that can be written'
  }
  return withoutRedis()
}

/**
 * What a runtime does: a cgroup and namespaces of its own, the cgroup's files and the root file system
 * read-only, an unprivileged user; and then the image's command as PID 1.
 */
const RUNTIME = `
echo $$ > "$CGROUP/cgroup.procs"
exec unshare --fork --kill-child --pid --mount --mount-proc --uts --cgroup sh -ec '
  hostname "$NAME"
  mount --bind "$CGROUP" ${CGROUP_ROOT}
  mount -o remount,bind,ro ${CGROUP_ROOT}
  mount -t tmpfs tmpfs /tmp
  mount -o remount,bind,ro /
  exec setpriv --pdeathsig KILL --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all "$@"
' sh "$@"`

/** Starts the supervisor as PID 1 of what is a container in all but its image. */
export async function startContainer({
  hostname,
  memoryBytes,
  env,
}: {
  readonly hostname: string
  readonly memoryBytes: number
  readonly env: Readonly<Record<string, string>>
}): Promise<Container> {
  const cgroup = makeMemoryCgroup(memoryBytes)
  const settings = { ...env, NAME: hostname, CGROUP: cgroup.path, PROBE_PORT: '0' }
  const program = await startOwned('/bin/sh', ['-ec', RUNTIME, 'sh', ...node, supervisor], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...settings },
  })
  onTestFinished(async () => {
    await program.kill()
    await cgroup.remove()
  })
  const first = await program.untilLine(/ probes on port \d+$/)
  const port = first.split(' ').at(-1)
  const mainPid = childrenOf(program.pid)[0]?.pid ?? 0
  return {
    ...program,
    mainPid,
    // `unshare` is the runtime's; what the container gets, its PID 1 gets.
    signal: (signal) => void process.kill(mainPid, signal),
    kill: (signal = 'SIGKILL') => {
      process.kill(mainPid, signal)
      return program.exited
    },
    probe: async (path) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return `${response.status} ${(await response.text()).trim()}`
    },
    workerPid: (slot) => {
      const ready = program.lines.flatMap(
        (line) => new RegExp(`^worker ${slot} ready, pid (\\d+)$`).exec(line)?.[1] ?? [],
      )
      return childrenOf(mainPid).find(({ innerPid }) => innerPid === ready.at(-1))?.pid ?? 0
    },
    zombies: () =>
      childrenOf(mainPid)
        .filter(({ state }) => state === 'Z')
        .map(({ name }) => name),
  }
}

/** The children of a process, a container's orphans among those of its PID 1. */
function childrenOf(parent: number) {
  const folders = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return folders.flatMap((pid) => {
    try {
      const text = readFileSync(join('/proc', pid, 'status'), 'utf8')
      const field = (name: string) => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(text)?.[1] ?? ''
      if (Number(field('PPid')) !== parent) return []
      const [state = ''] = field('State')
      // The last is the pid inside.
      return [
        {
          pid: Number(pid),
          innerPid: field('NSpid').split('\t').at(-1),
          name: field('Name'),
          state,
        },
      ]
    } catch {
      // It ended meanwhile.
      return []
    }
  })
}
