import type { CallOptions, Clock, HeadroomRequest } from '@worker-recycler/core'
import type { KernelLimits, UnitFacts } from '../host/facts.ts'
import { timeLimit } from '../process/time-limit.ts'
import type { Manager } from '../transport/manager.ts'

/** Raises the live limits of a unit for a while. */
export interface HeadRoom {
  /** Resolves with the bytes that were granted; 0 where there is no limit, or no room. */
  readonly grant: (request: HeadroomRequest, call: CallOptions) => Promise<number>
  /** Takes back what is still granted. */
  readonly stop: () => Promise<void>
}

const TAKE_BACK_MS = 10_000

/**
 * Makes the head-room of a unit: `MemoryHigh` and `MemoryMax` together, so that a drain neither stands
 * still nor is killed; never above what a slice above allows, or the host has. It is taken back after
 * its time, and is gone after a boot in any case (`set-property --runtime`).
 */
export function createHeadRoom(parts: {
  readonly unit: string
  readonly manager: Manager
  readonly clock: Clock
  readonly hostBytes: number
  /** What the kernel has for the unit now. */
  readonly read: () => Promise<Pick<UnitFacts, 'kernel' | 'parent'>>
}): HeadRoom {
  const { unit, manager, clock, hostBytes, read } = parts
  let before: KernelLimits | undefined
  let cancel = () => {}

  const takeBack = async () => {
    cancel()
    if (!before) return
    const limits = settingsOf(before, 0, Infinity)
    before = undefined
    await manager.setRuntime(unit, limits, { signal: timeLimit(TAKE_BACK_MS) })
  }

  return {
    grant: async ({ bytes, forMs }, call) => {
      const { kernel, parent } = await read()
      const base = before ?? kernel
      if (!base) return 0
      const most = Math.min(hostBytes, parent?.maxBytes ?? Infinity)
      const least = Math.min(base.max, base.high ?? Infinity)
      const granted = Math.min(bytes, most - least)
      if (!Number.isFinite(least) || granted <= 0) return 0
      await manager.setRuntime(unit, settingsOf(base, granted, most), call)
      before = base
      cancel()
      cancel = clock.setTimer(forMs, () => void takeBack().catch(() => {}))
      return granted
    },
    stop: takeBack,
  }
}

function settingsOf(
  { max, high = Infinity }: KernelLimits,
  extraBytes: number,
  mostBytes: number,
): Readonly<Record<string, string>> {
  const raised = (bytes: number) => String(Math.min(bytes + extraBytes, Math.max(bytes, mostBytes)))
  return {
    ...(Number.isFinite(max) && { MemoryMax: raised(max) }),
    ...(Number.isFinite(high) && { MemoryHigh: raised(high) }),
  }
}
