import { channel } from 'node:diagnostics_channel'
import type { MemoryLimits } from './contracts/enforcer.ts'
import type { Lease, RecoverReport } from './contracts/job-source.ts'
import type { Reading } from './contracts/monitor.ts'
import type { Urgency, Verdict } from './contracts/policy.ts'
import type { Reason } from './contracts/reason.ts'
import type { HeapProfileReport } from './diagnosis/heap-profile.ts'
import { createEmitter, type Emitter } from './emitter.ts'
import type { LastExit } from './ledger/last-exit.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Budget } from './lifecycle/budget.ts'
import type { Leaving } from './lifecycle/leaving.ts'
import type { Phase } from './lifecycle/phase.ts'
import type { Logger } from './logger.ts'

/** Everything that a recycler tells about itself. Events are observation: no listener changes what happens. */
export interface RecyclerEvents {
  /** The recycler went from one phase to another. */
  'phase:changed': [event: { from: Phase; to: Phase; atMs: number }]
  /** All adapters are started; jobs are taken. */
  'worker:started': [
    event: {
      identity: string
      budget: Budget
      limits: MemoryLimits
      lastExit?: LastExit
      /** From the predecessor's end to this start, where both are known. */
      restartGapMs?: number
    },
  ]
  /** The start did not succeed, or the job source cannot go on. */
  'worker:failed': [event: { error: unknown }]
  /** Jobs of dead workers were put back at start. */
  'jobs:recovered': [event: RecoverReport]
  /** A monitor measured memory. */
  'reading:taken': [event: { reading: Reading }]
  /** The judgement over all monitors changed. */
  'verdict:reached': [event: { verdict: Verdict; reading: Reading }]
  /** A recycle is wanted and no gate holds it. */
  'recycle:requested': [
    event: {
      urgency: Urgency
      reasons: readonly Reason[]
      by: 'policy' | 'supervisor' | 'application'
    },
  ]
  /** A recycle is wanted, but must wait; again whenever what it waits for changes. */
  'recycle:held': [event: { heldBy: readonly Reason[]; reasons: readonly Reason[] }]
  /** `mode: 'observe'`: a recycle would have begun now. */
  'recycle:observed': [event: { urgency: Urgency; reasons: readonly Reason[] }]
  /** Recycling does not help: the limit is too low for what the worker needs. It goes on working. */
  'limit:found-too-low': [event: { reasons: readonly Reason[] }]
  /** Somebody asked the worker to stop; `count` is 1 for the first time. */
  'stop:requested': [event: { count: number }]
  /** Fetching stops now; the budget runs. */
  'leaving:started': [event: { leaving: Leaving; reasons: readonly Reason[]; budget: Budget }]
  /** A heap profile was written while draining, or why it was not. */
  'profile:attempted': [event: { report: HeapProfileReport }]
  /** An unfinished job is available to others again. */
  'job:handed-back': [event: { lease: Lease }]
  /** A recycle is complete but for the exit. */
  'recycle:finished': [event: { ledger: Ledger }]
  /** The worker has left, for whatever reason, but for the exit. */
  'worker:stopped': [event: { ledger: Ledger; exitCode: number }]
  /** A monitor ended or threw; the others go on. */
  'monitor:failed': [event: { monitor: string; error: unknown }]
  /** An adapter's call threw or took too long; the lifecycle goes on without it. */
  'adapter:failed': [event: { adapter: string; call: string; error: unknown }]
  /** A hook threw or took too long; the lifecycle goes on without it. */
  'hook:failed': [event: { hook: string; error: unknown }]
}

/** The private emitter of one recycler. */
export type Events = Emitter<RecyclerEvents>

/** The prefix of the `node:diagnostics_channel` channels on which every event is mirrored. */
export const CHANNEL_PREFIX = '@worker-recycler/core:'

/** Makes a recycler's emitter. Mirrored events carry the worker's identity besides. */
export function createEvents(identity: string, logger: Logger): Events {
  const emitter = createEmitter<RecyclerEvents>(logger)
  return {
    ...emitter,
    emit: (name, event) => {
      emitter.emit(name, event)
      const mirror = channel(CHANNEL_PREFIX + name)
      if (mirror.hasSubscribers) mirror.publish({ identity, ...event })
    },
  }
}
