import { type ChildProcess, spawn } from 'node:child_process'
import type { CancelTimer, Clock } from '@worker-recycler/core'
import { GUARD_SCRIPT } from './guard-script.ts'

/** A small process that kills the workers should this process die without having stopped them. */
export interface Guard {
  /** Watches over a worker. To be called in the same turn of the event loop as its start. */
  add(pid: number, startTime: number | undefined): void
  /** The worker hears of the supervisor's death by itself, and needs no SIGTERM then. */
  hears(pid: number): void
  /** The worker is gone. */
  remove(pid: number): void
  /** Whether the guard runs. */
  readonly running: boolean
  /** Ends the guard; resolves when it is gone. Idempotent. */
  stop(): Promise<void>
}

/** A guard that was killed is started again, but not for ever. */
const MAX_STARTS = 5
const RESTART_MS = 1000

interface Ward {
  readonly startTime: number
  readonly hears: boolean
}

/** Starts the guard. `onFailed` gets one sentence when there is none, or none any more. */
export function startGuard(parts: {
  readonly shell: string
  readonly stopMs: number
  readonly procRoot: string
  readonly clock: Clock
  readonly onFailed: (message: string) => void
}): Guard {
  const { shell, stopMs, procRoot, clock, onFailed } = parts
  const wards = new Map<number, Ward>()
  let child: ChildProcess | undefined
  let gone: Promise<void> = Promise.resolve()
  let starts = 0
  let stopping = false
  let cancelRestart: CancelTimer = () => {}

  const write = (line: string) => void child?.stdin?.write(`${line}\n`)
  const tell = (pid: number, { startTime, hears }: Ward) =>
    write(`add ${pid} ${startTime} ${hears ? 1 : 0}`)

  const start = () => {
    starts += 1
    const seconds = String(Math.ceil(stopMs / 1000))
    // A session of its own, so that no terminal and no group signal reaches it; nothing of our
    // environment, for it needs nothing but the standard commands.
    const started = spawn(shell, ['-c', GUARD_SCRIPT, 'worker-recycler-guard', seconds, procRoot], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
    })
    // A guard that died closes its end; its exit says so already.
    started.stdin?.on('error', () => {})
    gone = new Promise((resolve) => {
      const ended = (why: string, again: boolean) => {
        resolve()
        if (child !== started) return
        child = undefined
        lost(why, again)
      }
      started.once('error', (error) => ended(error.message, false))
      started.once('exit', (code, name) => ended(`it ended with ${name ?? `code ${code}`}`, true))
    })
    child = started
    for (const [pid, ward] of wards) tell(pid, ward)
  }

  const lost = (why: string, again: boolean) => {
    if (stopping) return
    if (!again || starts >= MAX_STARTS) {
      onFailed(
        `[fork-supervisor] There is no guard process (${why}): should this process be killed, workers that hear of it still stop by themselves, but blocked ones stay; install ${shell}, or let an init process end the container`,
      )
      return
    }
    cancelRestart = clock.setTimer(RESTART_MS, start)
  }

  start()
  return {
    add: (pid, startTime) => {
      const ward = { startTime: startTime ?? 0, hears: false }
      wards.set(pid, ward)
      tell(pid, ward)
    },
    hears: (pid) => {
      const ward = wards.get(pid)
      if (!ward || ward.hears) return
      wards.set(pid, { ...ward, hears: true })
      tell(pid, { ...ward, hears: true })
    },
    remove: (pid) => {
      if (wards.delete(pid)) write(`del ${pid}`)
    },
    get running() {
      return child !== undefined
    },
    stop: async () => {
      stopping = true
      cancelRestart()
      child?.stdin?.end('end\n')
      await gone
    },
  }
}
