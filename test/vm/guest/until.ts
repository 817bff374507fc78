import { setTimeout as sleep } from 'node:timers/promises'

/** Looks again and again until there is something; rejects with the reason of the signal. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  signal: AbortSignal,
  everyMs = 50,
): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
