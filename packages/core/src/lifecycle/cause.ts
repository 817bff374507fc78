import type { Reading } from '../contracts/monitor.ts'
import type { Reason } from '../contracts/reason.ts'
import type { Leaving } from './leaving.ts'

/** Why a worker leaves, or would like to. */
export interface Cause {
  /** What a recycle is wanted for; the reading is the one that led to it, if one did. */
  wants(reasons: readonly Reason[], trigger?: Reading): void
  /** No reading wants a recycle any more; one that was asked for keeps its reasons. */
  calms(): void
  /** What the worker cannot go on for. */
  fails(error: unknown): void
  reasons(leaving: Leaving): readonly Reason[]
  readonly trigger: Reading | undefined
  readonly failure: unknown
}

const STOP_REQUESTED: Reason = { code: 'stop_requested', message: 'A stop was requested' }

/** Makes the cause of a worker that does not want to leave. */
export function createCause(): Cause {
  let wanted: readonly Reason[] = []
  let trigger: Reading | undefined
  let failure: unknown
  return {
    wants: (reasons, reading) => {
      wanted = reasons
      if (reading) trigger = reading
    },
    calms: () => {
      trigger = undefined
    },
    fails: (error) => {
      failure = error
    },
    reasons: (leaving) => {
      if (leaving === 'recycle') return wanted
      if (leaving === 'stop') return [STOP_REQUESTED]
      const message = failure instanceof Error ? failure.message : String(failure)
      return [{ code: 'failed', message }]
    },
    get trigger() {
      return trigger
    },
    get failure() {
      return failure
    },
  }
}
