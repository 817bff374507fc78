import {
  type CallOptions,
  type Clock,
  type DeathNotice,
  RecyclerError,
} from '@worker-recycler/core'

/** Hears of every death; what it returns is awaited before a replacement starts. */
export type OnDeath = (notice: DeathNotice, options: CallOptions) => unknown

/**
 * Hands a death notice to the application and waits, but no longer than `onDeathMs`. Resolves with
 * what went wrong, if anything did: a hook that throws or hangs never costs the replacement.
 */
export async function tellDeath(
  notice: DeathNotice,
  parts: { readonly onDeath: OnDeath; readonly onDeathMs: number; readonly clock: Clock },
): Promise<{ readonly error: unknown } | undefined> {
  const { onDeath, onDeathMs, clock } = parts
  const over = new AbortController()
  let cancel = () => {}
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.setTimer(onDeathMs, () => {
      const error = new RecyclerError(
        'TIMED_OUT',
        `[fork-supervisor] \`onDeath\` for ${notice.identity} took longer than ${onDeathMs} ms: its jobs may not be back yet; make it faster or raise \`onDeathMs\``,
      )
      over.abort(error)
      reject(error)
    })
  })
  try {
    await Promise.race([callSafely(onDeath, notice, over.signal), late])
    return undefined
  } catch (error) {
    return { error }
  } finally {
    cancel()
  }
}

/** Turns a throw into a rejection. A rejection that comes after the timeout has been raced already. */
async function callSafely(onDeath: OnDeath, notice: DeathNotice, signal: AbortSignal) {
  await onDeath(notice, { signal })
}
