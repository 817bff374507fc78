import assert from 'node:assert/strict'
import { systemClock, type Clock } from '../process/clock.ts'

/** How long a rule waits for something that an adapter owes before the rule fails. */
export const DEFAULT_PATIENCE_MS = 5000

/** How long something is waited for before it counts as hanging. */
export interface Patience {
  /** How long a rule waits for what is owed to it. Defaults to 5,000. */
  readonly patienceMs?: number
  /** By which clock. Defaults to the system's; a suite that must not know time may count turns. */
  readonly patienceClock?: Clock
}

/** Waits for a promise, but not for ever: an adapter that hangs fails its rule instead of the run. */
export async function within<T>(
  promise: PromiseLike<T> | T,
  what: string,
  patience: Patience,
): Promise<T> {
  const { patienceMs = DEFAULT_PATIENCE_MS, patienceClock = systemClock } = patience
  let cancel = () => {}
  const late = new Promise<never>((_resolve, reject) => {
    cancel = patienceClock.setTimer(patienceMs, () =>
      reject(new assert.AssertionError({ message: `Waited ${patienceMs} ms in vain for ${what}` })),
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}

/** Settles, either way, once the promise has: for calls that may as well reject. */
export async function ended(promise: PromiseLike<unknown>): Promise<'resolved' | 'rejected'> {
  try {
    await promise
    return 'resolved'
  } catch {
    return 'rejected'
  }
}

/** Lets whatever waits for promises or for I/O that has ended go on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A signal that has aborted already. */
export function abortedSignal(): AbortSignal {
  return AbortSignal.abort(new Error('The time for this call is over'))
}

/** A signal that never aborts. */
export function idleSignal(): AbortSignal {
  return new AbortController().signal
}
