import { channel } from 'node:diagnostics_channel'

import { EventEmitter } from 'eventemitter3'

import type { MemoryLimits } from './contracts/enforcer.ts'
import type { Lease, RecoverReport } from './contracts/job-source.ts'
import type { Reading } from './contracts/monitor.ts'
import type { Urgency, Verdict } from './contracts/policy.ts'
import type { LastExit } from './ledger/last-exit.ts'
import type { Ledger, Reason } from './ledger/ledger.ts'
import type { Budget } from './lifecycle/budget.ts'
import type { Phase } from './lifecycle/phase.ts'
import type { Leaving } from './lifecycle/leaving.ts'
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
  /** The start did not succeed. */
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

/** Listens to events. */
export type Listen = <Name extends keyof RecyclerEvents>(
  name: Name,
  listener: (...event: RecyclerEvents[Name]) => void,
) => void

/** The private emitter of one recycler. */
export interface Events {
  readonly on: Listen
  readonly once: Listen
  readonly off: Listen
  /** Tells everybody. A listener that throws is logged, and costs the others nothing. */
  emit<Name extends keyof RecyclerEvents>(name: Name, event: RecyclerEvents[Name][0]): void
}

/** The prefix of the `node:diagnostics_channel` channels on which every event is mirrored. */
export const CHANNEL_PREFIX = '@worker-recycler/core:'

/** Makes a recycler's emitter. Mirrored events carry the worker's identity besides. */
export function createEvents(identity: string, logger: Logger): Events {
  // Listeners are wrapped when they are added: eventemitter3 lets one that throws stop the others.
  const emitter = new EventEmitter<string>()
  const wrapped = new WeakMap<object, Map<string, (event: unknown) => void>>()

  const wrap = (name: string, listener: (event: never) => void) => {
    const byName = wrapped.get(listener) ?? new Map<string, (event: unknown) => void>()
    wrapped.set(listener, byName)
    const safe =
      byName.get(name) ??
      ((event: unknown) => {
        try {
          const result: unknown = listener(event as never)
          if (result instanceof Promise) result.catch((error: unknown) => report(name, error))
        } catch (error) {
          report(name, error)
        }
      })
    byName.set(name, safe)
    return safe
  }
  const report = (name: string, error: unknown) => {
    logger.error({ event: name, error }, 'A listener threw')
  }

  return {
    on: (name, listener) => void emitter.on(name, wrap(name, listener)),
    once: (name, listener) => void emitter.once(name, wrap(name, listener)),
    off: (name, listener) => void emitter.off(name, wrap(name, listener)),
    emit: (name, event) => {
      emitter.emit(name, event)
      const mirror = channel(CHANNEL_PREFIX + name)
      if (mirror.hasSubscribers) mirror.publish({ identity, ...event })
    },
  }
}
