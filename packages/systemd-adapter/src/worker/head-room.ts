import {
  type CallOptions,
  type Clock,
  type HeadroomRequest,
  isRecyclerError,
  type Logger,
} from '@worker-recycler/core'
import { isSameBytes } from '../host/drift.ts'
import type { KernelLimits, UnitFacts } from '../host/facts.ts'
import { timeLimit } from '../process/time-limit.ts'
import type { Manager } from '../transport/manager.ts'
import type { StateFile } from './state-file.ts'

/** Raises the live limits of a unit for a while. */
export interface HeadRoom {
  /** Resolves with the bytes that were granted; 0 where there is no limit, or no room. */
  readonly grant: (request: HeadroomRequest, call: CallOptions) => Promise<number>
  /** Takes back what a predecessor was granted and could not take back itself. */
  readonly restore: (call: CallOptions) => Promise<void>
  /** Takes back what is still granted. */
  readonly stop: () => Promise<void>
}

/** Limits as `set-property` takes them. */
type Limits = Readonly<Record<string, string>>

/** What a successor must know to take head-room back: only what is still as it was raised. */
export interface KeptHeadRoom {
  readonly before: Limits
  readonly raised: Limits
}

/** Whether a value is that: it may have been written by anybody. */
export function isKeptHeadRoom(value: unknown): value is KeptHeadRoom {
  const { before, raised } = (value ?? {}) as Partial<Record<keyof KeptHeadRoom, unknown>>
  return isLimits(before) && isLimits(raised)
}

function isLimits(value: unknown): value is Limits {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  return (
    entries.length > 0 &&
    entries.every(([key, text]) => /^Memory(?:Max|High)$/.test(key) && /^\d+$/.test(String(text)))
  )
}

const TAKE_BACK_MS = 10_000

/**
 * Makes the head-room of a unit: `MemoryHigh` and `MemoryMax` together, so that a drain neither stands
 * still nor is killed; never above what a slice above allows, or the host has. It is taken back after
 * its time, and is gone after a boot in any case (`set-property --runtime`). What is in use is not taken
 * back, as the kernel would kill for it: the successor does, by what was kept for it.
 */
export function createHeadRoom(parts: {
  readonly unit: string
  /** Who runs the worker. */
  readonly user: string
  readonly manager: Manager
  readonly clock: Clock
  readonly logger: Logger
  readonly hostBytes: number
  /** What the kernel has for the unit now. */
  readonly read: () => Promise<Pick<UnitFacts, 'kernel' | 'parent' | 'usedBytes'>>
  /** For the successor, where the unit has a directory. */
  readonly kept: StateFile<KeptHeadRoom> | undefined
}): HeadRoom {
  const { unit, user, manager, clock, logger, hostBytes, read, kept } = parts
  let before: KernelLimits | undefined
  let raised: Limits = {}
  let cancel = () => {}
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other: a grant must not take for the unit's own what another is about to take back. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act)
    last = turn.catch(() => {})
    return turn
  }

  const takeBack = async () => {
    cancel()
    if (!before) return
    const { usedBytes = 0 } = await read()
    if (kept && usedBytes >= leastOf(before)) {
      logger.info({ unit, usedBytes }, 'Head-room is in use; the successor takes it back')
      return
    }
    await setBack(settingsOf(before, 0, Infinity), { signal: timeLimit(TAKE_BACK_MS) })
    before = undefined
  }
  const setBack = async (limits: Limits, call: CallOptions) => {
    await manager.setRuntime(unit, limits, call)
    await kept?.clear()
    logger.info({ unit, ...limits }, 'Head-room taken back')
  }
  const takeBackLater = (forMs: number) => {
    cancel()
    cancel = clock.setTimer(forMs, () => {
      inTurn(takeBack).catch((error: unknown) => {
        logger.warn({ unit, error }, 'Head-room was not taken back; the stop tries once more')
      })
    })
  }

  const grant = async ({ bytes, forMs }: HeadroomRequest, call: CallOptions): Promise<number> => {
    const { kernel, parent } = await read()
    const base = before ?? kernel
    if (!base) return 0
    const most = Math.min(hostBytes, parent?.maxBytes ?? Infinity)
    const least = leastOf(base)
    const granted = Math.min(bytes, most - least)
    if (!Number.isFinite(least) || granted <= 0) return 0
    const known = before && raised
    const limits = settingsOf(base, granted, most)
    const keep = (now: Limits) => kept?.save({ before: settingsOf(base, 0, Infinity), raised: now })
    await keep(limits)
    before = base
    raised = limits
    try {
      await manager.setRuntime(unit, limits, call)
    } catch (error) {
      // Otherwise nobody knows: it may have been done, and the answer was lost.
      if (isRecyclerError(error, 'NOT_PERMITTED') || isRecyclerError(error, 'NO_SUPERVISOR')) {
        if (!known) before = undefined
        raised = known ?? {}
        await (known ? keep(known) : kept?.clear())
      }
      if (isRecyclerError(error, 'NOT_PERMITTED')) {
        const command = `worker-recycler-systemd polkit-rule --user ${user} '${unit}'`
        logger.warn(
          { unit, command },
          'Head-room was refused; the command prints the rule for polkit',
        )
      }
      throw error
    } finally {
      if (before) takeBackLater(forMs)
    }
    return granted
  }

  return {
    grant: (request, call) => inTurn(() => grant(request, call)),
    restore: async (call) => {
      const left = before ? undefined : await kept?.read()
      if (!left) return
      const { kernel } = await read()
      // A boot, or an apply, has come in between: there is nothing to take back.
      if (kernel && isSame(settingsOf(kernel, 0, Infinity), left.raised)) {
        await setBack(left.before, call)
      } else await kept?.clear()
    },
    stop: () => inTurn(takeBack),
  }
}

const isSame = (now: Limits, then: Limits) =>
  Object.entries(then).every(([key, bytes]) => isSameBytes(Number(now[key]), Number(bytes)))

const leastOf = ({ max, high = Infinity }: KernelLimits) => Math.min(max, high)

function settingsOf(
  { max, high = Infinity }: KernelLimits,
  extraBytes: number,
  mostBytes: number,
): Limits {
  const raised = (bytes: number) => String(Math.min(bytes + extraBytes, Math.max(bytes, mostBytes)))
  return {
    ...(Number.isFinite(max) && { MemoryMax: raised(max) }),
    ...(Number.isFinite(high) && { MemoryHigh: raised(high) }),
  }
}
