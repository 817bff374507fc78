import type { Clock } from '@worker-recycler/core'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import type { OpenSource } from './source.ts'

/** The file's own events from our write, and from the kernel's end of an older trigger, last so long. */
const SETTLE_MS = 250

/** A trigger in a pressure file. It only wakes: what it says is checked against the totals. */
export interface StallTrigger extends OpenSource {
  /** It has woken since it was armed: the kernel will not let it fire again. */
  readonly latched: () => boolean
  /** Takes a fresh trigger in the place of the latched one. Throws what the kernel answers. */
  readonly rearm: () => void
}

/**
 * Arms a trigger and watches the file. A watched trigger fires once only, as the kernel resets it in
 * poll(2) and nobody polls; the first event after arming may be false; and every write by others to
 * the same file looks like an event. Hence: any event wakes, and a fresh trigger follows.
 */
export function openStallTrigger(parts: {
  readonly path: string
  readonly bytes: Uint8Array
  readonly files: KernelFiles
  readonly clock: Clock
  readonly wake: () => void
}): StallTrigger {
  const { path, bytes, files, clock, wake } = parts
  let release = files.arm(path, bytes)
  let settledAtMs = clock.nowMs() + SETTLE_MS
  let latched = false
  let deafness: { readonly error: unknown } | undefined
  const woken = () => {
    if (clock.nowMs() < settledAtMs) return
    latched = true
    wake()
  }
  let unwatch: () => void
  try {
    unwatch = files.watch(path, {
      modified: woken,
      ended: (error) => {
        deafness = { error }
        latched = true
        wake()
      },
    })
  } catch (error) {
    release()
    throw error
  }
  return {
    latched: () => latched,
    rearm: () => {
      if (deafness) throw deafness.error
      const fresh = files.arm(path, bytes)
      release()
      release = fresh
      settledAtMs = clock.nowMs() + SETTLE_MS
      latched = false
    },
    close: () => {
      unwatch()
      release()
    },
  }
}
