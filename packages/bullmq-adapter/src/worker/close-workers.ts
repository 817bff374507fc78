import type { LeaseTable } from '@worker-recycler/core'
import type { BullmqWorker } from './bullmq-worker.ts'
import { endSandboxes } from './end-sandboxes.ts'
import type { Registration } from './registration.ts'

/** What is there to be closed, which may be nothing yet. */
interface Closing {
  readonly starting: Promise<void> | undefined
  /** Resolves when no fetch is in flight any more. */
  readonly settled: () => Promise<unknown>
  readonly registration: () => Registration | undefined
  readonly table: () => LeaseTable | undefined
}

/** Closes the workers; whoever holds jobs still stays registered, so that they are found. */
export async function closeWorkers(
  workers: readonly BullmqWorker[],
  { starting, settled, registration, table }: Closing,
): Promise<void> {
  // A start that is under way gives up first.
  await starting?.catch(() => {})
  await settled()
  const entered = registration()
  const holdsJobs = (table()?.inFlight().length ?? 0) > 0
  entered?.stop()
  if (!holdsJobs) {
    await Promise.all(workers.map(endSandboxes))
    await entered?.leave().catch(() => {})
  }
  // Without force BullMQ waits for its jobs, for as long as they take.
  await Promise.all(workers.map((each) => each.close(holdsJobs)))
}
