import type { BullmqWorker } from './bullmq-worker.ts'

/** BullMQ does not document its pool of processes. */
interface Sandboxing extends BullmqWorker {
  readonly childPool?: {
    readonly retained: Readonly<Record<string, { kill(signal: 'SIGKILL'): Promise<void> }>>
  }
}

/**
 * Ends what still runs in the sandboxes of a worker: its jobs were handed back. BullMQ itself would give
 * such a process half a minute before it kills it.
 */
export async function endSandboxes(worker: BullmqWorker): Promise<void> {
  const { childPool }: Sandboxing = worker
  await Promise.all(Object.values(childPool?.retained ?? {}).map((each) => each.kill('SIGKILL')))
}
