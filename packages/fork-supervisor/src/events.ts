import type { DeathNotice, Emitter, Reason, StoppingNotice, Urgency } from '@worker-recycler/core'
import type { KillReason } from './death/death-cause.ts'
import type { MemoryReading } from './memory/read-memory.ts'

/** Which worker process an event is about. */
export interface WorkerRef {
  /** The worker's place among its peers, from 0; its successors have the same. */
  readonly slot: number
  readonly pid: number
  readonly identity: string
}

/** Everything that the supervisor tells. Events are observation: no listener changes what happens. */
export interface ForkSupervisorEvents {
  /** All workers are started; they take jobs from `worker:ready` on. */
  'supervisor:started': [event: { workers: number }]
  /** A stop was asked for; `request` is 1 for the first time. */
  'supervisor:stopping': [event: { request: number }]
  /** Every worker is gone, and every death was told. */
  'supervisor:stopped': [event: object]
  /** A worker process was started. */
  'worker:started': [event: WorkerRef]
  /** It was started in the place of another one: how long after that one's death (0 with `overlap`). */
  'worker:restarted': [event: WorkerRef & { predecessor: string; gapMs: number }]
  /** A worker process could not be started at all. */
  'worker:start-failed': [event: { slot: number; error: unknown }]
  /** The worker takes jobs. */
  'worker:ready': [event: WorkerRef & { afterMs: number }]
  /** The worker's memory was read. */
  'worker:measured': [event: WorkerRef & MemoryReading]
  /** No source can tell the worker's memory: its limits are not in force. Once a worker. */
  'worker:unmeasured': [event: WorkerRef & { message: string }]
  /** A recycle is wanted, and must wait. */
  'worker:recycle-held': [event: WorkerRef & { reasons: readonly Reason[]; heldBy: Reason }]
  /** The worker was asked to recycle. */
  'worker:recycle-asked': [
    event: WorkerRef & { urgency: Urgency; reasons: readonly Reason[]; by: 'ipc' | 'SIGTERM' },
  ]
  /** The worker only observes: it will not recycle as it was asked, and is not pressed to. */
  'worker:recycle-declined': [event: WorkerRef & { urgency: Urgency; reasons: readonly Reason[] }]
  /** The worker was asked to stop; `request` is 1 for the first time. */
  'worker:stop-asked': [event: WorkerRef & { request: number; by: 'ipc' | 'SIGTERM' }]
  /** The worker began to leave. */
  'worker:stopping': [event: WorkerRef & StoppingNotice]
  /** The worker asked for more time to stop in. */
  'worker:stop-extended': [event: WorkerRef & { askedMs: number; grantedMs: number }]
  /** The worker asked for more memory. */
  'worker:headroom-granted': [
    event: WorkerRef & { askedBytes: number; grantedBytes: number; forMs: number },
  ]
  /** The worker asked for a permit to recycle by its own policy. */
  'worker:permit-asked': [event: WorkerRef & { cohort: string; granted: boolean }]
  /** The worker was sent SIGKILL. */
  'worker:killed': [event: WorkerRef & { reason: KillReason; message: string; usedBytes?: number }]
  /** The worker is gone. */
  'worker:died': [
    event: WorkerRef &
      DeathNotice & { uptimeMs: number; peakBytes: number; killedFor?: KillReason },
  ]
  /** A message of a worker was neither ours nor well formed, and ignored; `count` since its start. */
  'message:ignored': [event: WorkerRef & { count: number }]
  /** `onDeath` threw or took too long. */
  'death-notice:failed': [event: { notice: DeathNotice; error: unknown }]
  /** A worker will be started again after a while. */
  'restart:delayed': [event: { slot: number; delayMs: number; inRow: number }]
  /** The restart breaker of a slot is open: it is not started any more. */
  'slot:broken': [event: { slot: number; deaths: number; message: string }]
  /** The worker of a slot chose to stop: it is not started any more. */
  'slot:stopped': [event: { slot: number }]
  /** There is no guard process. */
  'guard:failed': [event: { message: string }]
}

/** Tells everybody who listens. */
export type Emit = Emitter<ForkSupervisorEvents>['emit']
