import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const V2 = '/sys/fs/cgroup/unified'
const V1_MEMORY = '/sys/fs/cgroup/memory'
const LIMIT_BYTES = 64 * 1_048_576
const TMPFS_MAGIC = 0x01021994

/** Why the kernel cannot be tried here; undefined when it can. */
export const reason = ((): string | undefined => {
  if (process.getuid?.() !== 0) return 'needs root'
  if (!existsSync(`${V2}/memory.pressure`) || !existsSync(`${V1_MEMORY}/memory.limit_in_bytes`)) {
    return 'needs cgroup v2 with PSI beside the memory controller of cgroup v1'
  }
  if (statfsSync(tmpdir()).type === TMPFS_MAGIC) return 'needs a temporary directory on a disk'
  try {
    rmdirSync(mkdtempSync(`${V2}/psi-monitor-`))
    rmdirSync(mkdtempSync(`${V1_MEMORY}/psi-monitor-`))
    return undefined
  } catch (error) {
    return `needs to make cgroups: ${String(error)}`
  }
})()
/** For titles. */
export const skipped = reason === undefined ? '' : ` (skipped: ${reason})`

/** A child process that stalls by want of memory when it is told to, in cgroups of its own. */
export interface Thrasher {
  readonly pid: number
  /** Where its stalls are counted. */
  readonly v2: string
  /** Where its memory is counted, and limited. */
  readonly v1: string
  readonly thrash: (thrashing: boolean) => Promise<void>
  /** Moves it to the root of a hierarchy and removes the cgroup that it leaves. */
  readonly leave: (cgroup: string) => Promise<void>
  readonly kill: () => Promise<void>
}

/** Starts one; it and its cgroups are gone when the test ends. */
export async function startThrasher(program: string): Promise<Thrasher> {
  const directory = mkdtempSync(join(tmpdir(), 'psi-monitor-'))
  const v2 = mkdtempSync(`${V2}/psi-monitor-`)
  const v1 = mkdtempSync(`${V1_MEMORY}/psi-monitor-`)
  writeFileSync(`${v1}/memory.limit_in_bytes`, String(LIMIT_BYTES))
  const child = fork(program, [join(directory, 'file'), v2, v1])
  const kill = () => ended(child)
  onTestFinished(async () => {
    await kill()
    for (const cgroup of [v2, v1]) if (existsSync(cgroup)) rmdirSync(cgroup)
    rmSync(directory, { recursive: true })
  })
  const ask = async (what?: object) => {
    const done = once(child, 'message')
    if (what) child.send(what)
    await done
  }
  await ask()
  const { pid = 0 } = child
  return {
    pid,
    v2,
    v1,
    kill,
    thrash: (thrashing) => ask({ thrashing }),
    leave: async (cgroup) => {
      await ask({ cgroup: cgroup === v2 ? V2 : V1_MEMORY })
      rmdirSync(cgroup)
    },
  }
}

/** What disturbs a pressure file from another process. */
export interface Disturber {
  /** Resolves when it has done so a hundred times more. */
  readonly more: () => Promise<void>
}

/** Starts one: it reads the file every so often, or with 0 writes triggers into it. */
export async function startDisturber(
  program: string,
  cgroup: string,
  everyMs: number,
): Promise<Disturber> {
  const child = fork(program, [`${cgroup}/memory.pressure`, String(everyMs)])
  onTestFinished(() => ended(child))
  const more = async () => {
    await once(child, 'message')
  }
  await more()
  return { more }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** A fresh cgroup of v1's controller for the number of tasks; gone when the test ends. */
export function freshPidsCgroup(): string {
  const path = `/sys/fs/cgroup/pids/psi-monitor-${process.pid}`
  mkdirSync(path)
  onTestFinished(() => rmdirSync(path))
  return path
}
