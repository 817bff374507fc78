import type { Lease } from '../../src/contracts/job-source.ts'
import type { Reading } from '../../src/contracts/monitor.ts'
import type { Policy, PolicyContext, Verdict } from '../../src/contracts/policy.ts'
import { purePolicy } from '../../src/policies/pure-policy.ts'

/** All tests think in this limit: a hundredth of it is 10 MiB. */
export const LIMIT = 1000 * 1024 * 1024
/** Old enough for every gate. */
export const OLD_MS = 3_600_000
export const EPOCH_MS = Date.UTC(2026, 0, 1)

/** A reading at a share of the limit. */
export function readingAt(ratio: number, atMs = 0, more: Partial<Reading> = {}): Reading {
  return {
    monitor: 'test',
    metric: 'test.used',
    atMs,
    usedBytes: Math.round(ratio * LIMIT),
    limitBytes: LIMIT,
    ...more,
  }
}

export function lease(name: string, startedAtMs = 0, id: string = name): Lease {
  return { id, name, startedAtMs, delivery: { count: 1, interruptions: 0 } }
}

/** A context in which no gate is closed and `history` ends with the reading that is judged. */
export function contextOf(
  history: readonly Reading[],
  more: Partial<PolicyContext> = {},
): PolicyContext {
  return {
    history,
    latest: history.slice(-1),
    elevated: false,
    uptimeMs: OLD_MS,
    wantedForMs: 0,
    inFlight: [],
    inFlightLow: 0,
    recycles: [],
    epochMs: EPOCH_MS,
    seed: 'host:1:0123456789ab',
    ...more,
  }
}

/** Judges one reading, alone. */
export function judge(
  policy: Policy,
  reading: Reading,
  more: Partial<PolicyContext> = {},
): Verdict {
  return policy.judge(reading, contextOf([reading], more))
}

/** A policy that says the same of everything. */
export function always(verdict: Verdict): Policy {
  return purePolicy('always', () => verdict)
}

/** Says what a policy made of a reading, in a word: `keep`, `slowDown`, `held`, `soft`, `hard`. */
/** A verdict in one word. */
export function word(verdict: Verdict): 'keep' | 'slowDown' | 'held' | 'soft' | 'hard' {
  if (verdict.action !== 'recycle') return verdict.action
  return verdict.heldBy.length > 0 ? 'held' : verdict.urgency
}

export function codes(reasons: readonly { readonly code: string }[]): string[] {
  return reasons.map(({ code }) => code)
}

export function heldCodes(verdict: Verdict): string[] {
  return verdict.action === 'recycle' ? codes(verdict.heldBy) : []
}

/** One step of a replay. */
export interface Step {
  readonly reading: Reading
  readonly verdict: Verdict
  readonly word: ReturnType<typeof word>
}

/**
 * Replays a trace as the recycler would: history, hysteresis and the time since a recycle was first
 * wanted follow from the verdicts before. `at` changes the context of a moment.
 */
export function replay(
  policy: Policy,
  trace: readonly Reading[],
  at: (reading: Reading) => Partial<PolicyContext> = () => ({}),
): Step[] {
  let last: Verdict = { action: 'keep', reasons: [] }
  let wantedSinceMs: number | undefined
  return trace.map((reading, index) => {
    const { atMs } = reading
    const context = contextOf(trace.slice(0, index + 1), {
      elevated: last.action !== 'keep',
      uptimeMs: atMs - (trace[0]?.atMs ?? 0) + OLD_MS,
      wantedForMs: wantedSinceMs === undefined ? 0 : atMs - wantedSinceMs,
      epochMs: EPOCH_MS + atMs,
      ...at(reading),
    })
    last = policy.judge(reading, context)
    wantedSinceMs = last.action === 'recycle' ? (wantedSinceMs ?? atMs) : undefined
    return { reading, verdict: last, word: word(last) }
  })
}

/** A trace of one reading per interval, from a curve of the used share over time in ms. */
export function traceOf(
  curve: (ms: number) => number,
  { forMs, everyMs = 1000 }: { forMs: number; everyMs?: number },
): Reading[] {
  return Array.from({ length: Math.floor(forMs / everyMs) + 1 }, (_, index) =>
    readingAt(curve(index * everyMs), index * everyMs),
  )
}

/** Even numbers from 0 to 1 that are the same in each run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
