import type { Reading, Stall } from '../contracts/monitor.ts'
import type { PolicyContext } from '../contracts/policy.ts'
import { bytesText, durationText, percentText } from './human-units.ts'

/** What a threshold can be set on. */
export type ReadingField =
  /** Memory in use, as a share of its limit. */
  | 'usedRatio'
  | 'usedBytes'
  /** Share of the time in which at least one task stood still for want of memory. */
  | 'stallSomeRatio'
  /** Share of the time in which all tasks stood still at once. */
  | 'stallFullRatio'
  /** Increments of the counters of `memory.events`. */
  | 'highEvents'
  | 'maxEvents'
  | 'oomEvents'
  | 'oomKillEvents'
  /** How late the reading was: a blocked event loop. */
  | 'lagMs'

interface Field {
  readonly of: (reading: Reading, context: PolicyContext) => number | undefined
  readonly text: (value: number) => string
  /** Completes "<metric> ...". */
  readonly says: string
  /** The code of a reason that speaks of this field. */
  readonly code: string
}

const FIELDS: Readonly<Record<ReadingField, Field>> = {
  usedRatio: { of: usedRatio, text: percentText, says: 'is at', code: 'used_ratio' },
  usedBytes: { of: (r) => r.usedBytes, text: bytesText, says: 'is at', code: 'used_bytes' },
  stallSomeRatio: {
    of: (r) => stallRatio(r.stall, r.stall?.someMs),
    text: percentText,
    says: 'shows tasks standing still for',
    code: 'stall_some',
  },
  stallFullRatio: {
    of: (r) => stallRatio(r.stall, r.stall?.fullMs),
    text: percentText,
    says: 'shows all tasks standing still for',
    code: 'stall_full',
  },
  highEvents: {
    of: (r) => r.events?.high,
    text: String,
    says: 'counts high events:',
    code: 'high',
  },
  maxEvents: { of: (r) => r.events?.max, text: String, says: 'counts max events:', code: 'max' },
  oomEvents: { of: (r) => r.events?.oom, text: String, says: 'counts oom events:', code: 'oom' },
  oomKillEvents: {
    of: (r) => r.events?.oomKill,
    text: String,
    says: 'counts oom kills:',
    code: 'oom_kill',
  },
  lagMs: { of: (r) => r.lagMs, text: durationText, says: 'came late by', code: 'lag' },
}

/** Finds a field by name; undefined when there is none such. */
export function fieldNamed(name: string): Field | undefined {
  return Object.hasOwn(FIELDS, name) ? FIELDS[name as ReadingField] : undefined
}

/** The names of all fields, for messages. */
export function fieldNames(): string[] {
  return Object.keys(FIELDS)
}

/** The limit that governs a reading: its own, else the enforcer's. Undefined when there is none. */
export function limitOf(
  reading: Reading,
  context: Pick<PolicyContext, 'limitBytes'>,
): number | undefined {
  const limit = reading.limitBytes ?? context.limitBytes
  return limit !== undefined && limit > 0 && Number.isFinite(limit) ? limit : undefined
}

/** Memory in use as a share of its limit; undefined when either is not known. */
export function usedRatio(
  reading: Reading,
  context: Pick<PolicyContext, 'limitBytes'>,
): number | undefined {
  const limit = limitOf(reading, context)
  return limit === undefined || reading.usedBytes === undefined
    ? undefined
    : reading.usedBytes / limit
}

function stallRatio(stall: Stall | undefined, ms: number | undefined): number | undefined {
  return stall && ms !== undefined && stall.windowMs > 0 ? ms / stall.windowMs : undefined
}
