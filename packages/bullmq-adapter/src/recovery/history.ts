import type { DeathCause, Delivery, JobHistory } from '@worker-recycler/core'
import { deliveryOf } from '@worker-recycler/core'

/** The field of a job's hash in which its history is kept; BullMQ leaves unknown fields alone. */
export const HISTORY_FIELD = 'worker-recycler'

/** Reads a stored history; what cannot be read counts as none. */
export function parseHistory(stored: string, failures: number): JobHistory {
  const { interruptions, blamed, lastCause, suspect } = parsed(stored)
  return {
    failures,
    interruptions: Number(interruptions ?? 0),
    blamed: Number(blamed ?? 0),
    suspect: suspect === true,
    ...(typeof lastCause === 'string' ? { lastCause: lastCause as DeathCause } : {}),
  }
}

/** The history as it is stored. BullMQ counts the failures itself. */
export function formatHistory({ failures: _, ...history }: JobHistory): string {
  return JSON.stringify(history)
}

/** What a job's handler is told. A stall that BullMQ found was an interruption, too. */
export function deliveryFrom(history: JobHistory, stalls: number): Delivery {
  return deliveryOf({ ...history, interruptions: history.interruptions + stalls })
}

function parsed(stored: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(stored || '{}')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
