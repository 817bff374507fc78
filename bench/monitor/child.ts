import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

/** No program is silent for so long, unless what it waits for does not happen on this machine. */
const LONGEST_MS = 120_000

/** The next message of a child; rejects when it ends, or stays silent, without one. */
export async function messageOf<T>(child: ChildProcess): Promise<T> {
  const heard = new AbortController()
  const { signal } = heard
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as T),
      once(child, 'exit', { signal }).then(([code, name]) => {
        throw new Error(`The program ended with ${name ?? code}; what it wrote stands above`)
      }),
      pause(LONGEST_MS, undefined, { signal }).then(() => {
        throw new Error(`The program said nothing for ${LONGEST_MS / 1000} s`)
      }),
    ])
  } finally {
    heard.abort()
  }
}

/** Ends a child, and waits until it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
