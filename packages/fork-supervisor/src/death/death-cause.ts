import type { DeathCause } from '@worker-recycler/core'
import { RECYCLE_EXIT_CODE } from '../protocol.ts'

/** Why the supervisor sent SIGKILL. */
export type KillReason =
  /** The worker used as much as its hard limit allows. */
  | 'hard-limit'
  /** It was still there at the end of its stop budget. */
  | 'stop-budget'
  /** It was told to recycle, and did not begin to within its stop budget. */
  | 'recycle-ignored'
  /** A third stop request left nobody any time. */
  | 'forced'

/** What is known of a death. */
export interface DeathFacts {
  readonly exitCode: number | null
  readonly exitSignal: string | null
  /** What the supervisor had asked of the worker. */
  readonly asked: 'recycle' | 'stop' | undefined
  /** What the worker had announced. */
  readonly announced: 'recycle' | 'stop' | 'failure' | undefined
  readonly killedFor: KillReason | undefined
  /** The kernel's count of processes killed for memory in the worker's cgroup has grown. */
  readonly oomKilled: boolean
  /** What the worker last said of its heap. */
  readonly heap: { readonly usedBytes: number; readonly limitBytes: number } | undefined
  /** What the supervisor last saw from outside, and what had grown since. */
  readonly usedBytes: number | undefined
}

/** A heap that was reported this full has hit its limit by the time V8 aborts. */
const HEAP_SHARE = 0.8

/** A heap that grows while the event loop is blocked is only seen from outside. */
const OUTSIDE_SHARE = 0.9

/** Why a worker died: pure. The first rule that fits decides. */
export function deathCause(facts: DeathFacts): DeathCause {
  const { exitCode, exitSignal, asked, announced } = facts
  // A shell in between turns a death by signal into an exit with 128 + its number.
  if (exitSignal === 'SIGKILL' || exitCode === 137) {
    const unasked = facts.killedFor === undefined && facts.oomKilled
    return facts.killedFor === 'hard-limit' || unasked ? 'memory' : 'signal'
  }
  if ((exitSignal === 'SIGABRT' || exitCode === 134) && isHeapFull(facts)) return 'memory'
  if (exitSignal !== null) return 'signal'
  if (exitCode === null) return 'unknown'
  if (announced === 'failure') return 'crash'
  if (exitCode === 0 || exitCode === RECYCLE_EXIT_CODE) {
    const left = announced ?? asked
    if (left !== undefined) return left
  }
  return exitCode === 0 ? 'unknown' : 'crash'
}

function isHeapFull({ heap, usedBytes = 0 }: DeathFacts): boolean {
  if (!heap) return false
  const { limitBytes } = heap
  return heap.usedBytes >= limitBytes * HEAP_SHARE || usedBytes >= limitBytes * OUTSIDE_SHARE
}
