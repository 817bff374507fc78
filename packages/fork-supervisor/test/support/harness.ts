import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, expect } from 'vitest'
import type { ForkSupervisorEvents, WorkerRef } from '../../src/events.ts'
import {
  createForkSupervisor,
  type ForkSupervisor,
  type ForkSupervisorOptions,
} from '../../src/index.ts'

type Name = keyof ForkSupervisorEvents
type Event<N extends Name> = ForkSupervisorEvents[N][0]

type Wait = <N extends Name>(name: N, fits?: (event: Event<N>) => boolean) => Promise<Event<N>>

/** A supervisor under test, with everything that it told. */
export interface Stage {
  readonly supervisor: ForkSupervisor
  readonly log: { readonly name: Name; readonly event: object }[]
  /** Every event of a name so far. */
  readonly all: <N extends Name>(name: N) => Event<N>[]
  /** The first event of a name, past or to come, that fits. */
  readonly seen: Wait
  /** The first event that fits from now on. */
  readonly next: Wait
  /** The first message of a worker's own, past or to come, that has the key. */
  readonly said: (key: string, pid?: number) => Promise<Record<string, unknown>>
  readonly children: Map<number, ChildProcess>
}

const NAMES: Name[] = [
  'supervisor:started',
  'supervisor:stopping',
  'supervisor:stopped',
  'worker:started',
  'worker:restarted',
  'worker:start-failed',
  'worker:ready',
  'worker:measured',
  'worker:unmeasured',
  'worker:recycle-held',
  'worker:recycle-asked',
  'worker:recycle-declined',
  'worker:stop-asked',
  'worker:stopping',
  'worker:stop-extended',
  'worker:headroom-granted',
  'worker:permit-asked',
  'worker:killed',
  'worker:died',
  'message:ignored',
  'death-notice:failed',
  'restart:delayed',
  'slot:broken',
  'slot:stopped',
  'guard:failed',
]
const open = new Set<ForkSupervisor>()
const pids = new Set<number>()

/** Ends what a test left, and fails it for a process that outlived its supervisor. */
afterEach(async () => {
  for (const supervisor of open) await supervisor.stop({ force: 'kill' })
  open.clear()
  const left = [...pids].filter((pid) => isAlive(pid))
  pids.clear()
  expect(left).toEqual([])
})

/** Whether a process runs; one that only waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Makes a supervisor of the given program; quick to restart, and quiet. Nothing is started. */
export function stage(script: string, options: Partial<ForkSupervisorOptions> = {}): Stage {
  const children = new Map<number, ChildProcess>()
  const log: { name: Name; event: object }[] = []
  const messages: { pid: number; message: Record<string, unknown> }[] = []
  const watchers = new Set<() => void>()
  const wake = () => {
    for (const watcher of watchers) watcher()
  }
  const supervisor = createForkSupervisor({
    script,
    execArgv: [],
    stdio: 'ignore',
    guard: false,
    stopMs: 5000,
    recycleIntervalMs: 0,
    watch: { calmMs: 50, closeMs: 20 },
    ...options,
    restart: { backoff: { baseMs: 20, maxMs: 100 }, ...options.restart },
    onSpawn: (child: ChildProcess, ref: WorkerRef) => {
      children.set(ref.pid, child)
      pids.add(ref.pid)
      child.on('message', (message: Record<string, unknown>) => {
        messages.push({ pid: ref.pid, message })
        wake()
      })
      options.onSpawn?.(child, ref)
    },
  })
  open.add(supervisor)
  for (const name of NAMES) {
    supervisor.on(name, (event) => {
      log.push({ name, event })
      wake()
    })
  }

  const find = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const watcher = () => {
        const found = look()
        if (found === undefined) return
        watchers.delete(watcher)
        resolve(found)
      }
      watchers.add(watcher)
      watcher()
    })
  const all = <N extends Name>(name: N, from = 0) =>
    log
      .slice(from)
      .filter((entry) => entry.name === name)
      .map((entry) => entry.event as Event<N>)

  return {
    supervisor,
    log,
    children,
    all,
    seen: (name, fits = () => true) => find(() => all(name).find(fits)),
    next: (name, fits = () => true) => {
      const from = log.length
      return find(() => all(name, from).find(fits))
    },
    said: (key, pid) =>
      find(
        () =>
          messages.find(
            (entry) =>
              typeof entry.message === 'object' &&
              key in entry.message &&
              (pid === undefined || entry.pid === pid),
          )?.message,
      ),
  }
}
