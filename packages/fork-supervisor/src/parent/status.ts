import type { Guard } from '../guard/guard.ts'
import type { PermitDesk } from '../permit/permit-desk.ts'
import type { Slot, SlotState } from './slot.ts'

/** The supervisor's own state. */
export type SupervisorPhase = 'created' | 'running' | 'stopping' | 'stopped'

/** One slot at a moment. */
export interface SlotStatus {
  readonly slot: number
  readonly state: SlotState
  readonly pid?: number
  readonly identity?: string
  readonly startedAtEpochMs?: number
  /** Memory in use, as last read; and the most that was ever read of this process. */
  readonly usedBytes?: number
  readonly peakBytes?: number
  /** How many workers followed the first one. */
  readonly restarts: number
  /** Processes in this slot: two while a replacement overlaps. */
  readonly processes: number
  /** Messages of the worker that were ignored. */
  readonly ignoredMessages: number
}

/** The supervisor at a moment. */
export interface ForkSupervisorStatus {
  readonly phase: SupervisorPhase
  readonly slots: readonly SlotStatus[]
  /** Identities that recycle, and that wait to. */
  readonly recycling: readonly string[]
  readonly waiting: readonly string[]
  /** Whether the guard process runs. */
  readonly guarded: boolean
}

/** Reads everything at once. */
export function readStatus(
  phase: SupervisorPhase,
  slots: readonly Slot[],
  desk: PermitDesk,
  guard: Guard | undefined,
): ForkSupervisorStatus {
  return {
    phase,
    slots: slots.map(slotStatus),
    ...desk.status(),
    guarded: guard?.running ?? false,
  }
}

function slotStatus({ index, state, restarts, worker, workers }: Slot): SlotStatus {
  const common = { slot: index, state, restarts, processes: workers.length }
  if (!worker) return { ...common, ignoredMessages: 0 }
  const { usedBytes, peakBytes } = worker.memory
  return {
    ...common,
    pid: worker.ref.pid,
    identity: worker.ref.identity,
    startedAtEpochMs: worker.startedAtEpochMs,
    ...(usedBytes !== undefined && { usedBytes, peakBytes }),
    ignoredMessages: worker.ignored,
  }
}
