import { openLimits, type Limit, type Limits } from '../cgroup/limits.ts'
import type { Place } from '../cgroup/locate.ts'
import type { KernelFile, KernelFiles } from '../kernel/kernel-files.ts'
import type { Opening, OpenSource } from './source.ts'
import { openUsage, type UsageParts } from './usage.ts'

/** Memory in use beside what limits it. */
export interface Account extends OpenSource {
  readonly metric: string
  readonly isOfCgroup: boolean
  readonly usedBytes: () => number
  /** The effective limit, read again when it is older than 2 s, or `anew`. */
  readonly limit: (atMs: number, anew: boolean) => Limit | undefined
}

/** Limits change seldom: when head-room is granted, or by hand. */
const LIMITS_FRESH_MS = 2000

/** A process that was moved to another cgroup: the old one is there, but no longer its own. */
class MovedError extends Error {
  readonly code = 'ENODEV'
}

/** Opens usage and limits of a place. */
export function openAccount(
  parts: UsageParts & { readonly ownLimits: readonly Limit[]; readonly hostBytes: number },
): Opening<Account> {
  const { place, files, ownLimits, hostBytes } = parts
  const opening = openUsage(parts)
  if (opening.state !== 'live') return opening
  const { source: usage } = opening
  let limits: Limits
  try {
    // What limits a single process is the enforcer's to say, not the host's size.
    const host = { bytes: hostBytes, heldBy: "the host's memory" }
    limits = usage.isOfCgroup
      ? openLimits(place, files, [host, ...ownLimits])
      : openLimits({}, files, ownLimits)
  } catch (error) {
    usage.close()
    throw error
  }
  const membership = openMembership(place, files)
  let known: Limit | undefined
  let knownAtMs = -Infinity
  return {
    ...opening,
    source: {
      metric: usage.metric,
      isOfCgroup: usage.isOfCgroup,
      usedBytes: usage.read,
      limit: (atMs, anew) => {
        if (!anew && atMs - knownAtMs < LIMITS_FRESH_MS) return known
        if (membership?.hasChanged()) throw new MovedError('The process was moved')
        known = limits.read()
        knownAtMs = atMs
        return known
      },
      close: () => {
        usage.close()
        limits.close()
        membership?.close()
      },
    },
  }
}

interface Membership extends OpenSource {
  readonly hasChanged: () => boolean
}

/** Where the cgroups of the process cannot be read, a move shows only when the old ones are gone. */
function openMembership({ proc }: Place, files: KernelFiles): Membership | undefined {
  if (proc === undefined) return undefined
  let file: KernelFile | undefined
  try {
    file = files.open(`${proc}/cgroup`)
    const { read, close } = file
    const home = read()
    return { hasChanged: () => read() !== home, close }
  } catch {
    file?.close()
    return undefined
  }
}
