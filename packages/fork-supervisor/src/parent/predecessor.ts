import { type Clock, type LastExit, sleep } from '@worker-recycler/core'
import type { WorkerProcess } from './worker-process.ts'

/** How long a replacement waits for what a predecessor that is still leaving has to record. */
const RECORD_MS = 1000

/**
 * How the slot's last worker ended. With `overlap` it may not have ended yet: then what it recorded
 * for its successor counts, and where it takes longer than a second over that, the end before.
 */
export async function exitOfPredecessor(
  outgoing: WorkerProcess | undefined,
  lastExit: () => LastExit | undefined,
  clock: Clock,
): Promise<LastExit | undefined> {
  if (!outgoing) return lastExit()
  const over = new AbortController()
  await Promise.race([outgoing.recorded, sleep(RECORD_MS, clock, over.signal)])
  over.abort()
  const { ledger, memory, ref } = outgoing
  const known = lastExit()
  if (known?.identity === ref.identity || !ledger) return known
  return { cause: 'recycle', identity: ref.identity, memoryPeakBytes: memory.peakBytes, ledger }
}
