import type { SupervisorRequest } from '../contracts/enforcer.ts'
import type { JobSourceContext } from '../contracts/job-source.ts'
import type { Reading } from '../contracts/monitor.ts'
import { startHeapProfile, type HeapProfile } from '../diagnosis/heap-profile.ts'
import type { Events } from '../events.ts'
import type { HeldLeases } from '../jobs/held-leases.ts'
import type { ResolvedOptions } from '../options.ts'
import { hostMemoryLimitBytes } from '../process/memory-limit.ts'
import { within } from '../process/within.ts'
import { createJudge, type Judge } from '../watch/judge.ts'
import { watch } from '../watch/watch.ts'
import type { Calls } from './calls.ts'
import { createPermits, type Permits } from './permits.ts'
import { prepare, type Prepared } from './prepare.ts'

/** What booting needs, and whom it tells of what comes later. */
export interface BootOptions {
  readonly options: ResolvedOptions
  readonly context: JobSourceContext
  readonly held: HeldLeases
  readonly calls: Calls
  readonly events: Events
  /** Ends the start. */
  readonly startSignal: AbortSignal
  /** Ends watching and listening to the supervisor. */
  readonly watchSignal: AbortSignal
  readonly onReading: (reading: Reading) => void
  readonly onRequest: (request: SupervisorRequest) => void
  /** Everything is known and nothing refused; jobs come next. */
  readonly onPrepared: (booted: Booted) => void
}

/** A worker that takes jobs. */
export interface Booted extends Prepared {
  readonly judge: Judge
  readonly permits: Permits
  /** Governs readings that carry no limit of their own. */
  readonly limitBytes: number
  readonly profile?: HeapProfile
}

const CALL_MS = 5000

/** Starts a worker within `startMs`. Rejects, with nothing left running but what hangs, when it cannot. */
export async function boot(parts: BootOptions): Promise<void> {
  const { options, startSignal: signal } = parts
  const { startMs: ms, clock } = options
  await within({ ms, clock, what: 'start()', signal }, async (startSignal) => {
    const inner = { ...parts, startSignal }
    const booted = await bootBeforeJobs(inner)
    parts.onPrepared(booted)
    await bootJobs(inner, booted)
  })
}

/** Prepares what must be known first; may refuse. No job is taken yet. */
async function bootBeforeJobs(parts: BootOptions): Promise<Booted> {
  const { options, context, calls, startSignal } = parts
  const { clock } = options
  const prepared = await prepare(options, calls, { signal: startSignal })
  const { heapProfile } = options
  const profile = heapProfile && (await startHeapProfile(heapProfile, context.identity))
  const limitBytes = prepared.limits.hardBytes ?? hostMemoryLimitBytes()
  return {
    ...prepared,
    limitBytes,
    ...(profile && { profile }),
    judge: createJudge({
      policy: options.policy,
      clock,
      identity: context.identity,
      limitBytes,
      warmUpMs: options.warmUpMs,
      recycles: prepared.lastExit?.ledger?.recycles ?? [],
      inFlight: () => parts.held.now(),
    }),
    permits: createPermits({
      options,
      calls,
      identity: context.identity,
      budgetMs: prepared.budget.totalMs,
    }),
  }
}

/** Takes jobs, then begins to watch, then tells the supervisor. */
async function bootJobs(parts: BootOptions, booted: Booted): Promise<void> {
  const { options, context, calls, events, startSignal: signal, watchSignal } = parts
  const { source, enforcer, clock, monitors, startMs } = options
  await calls.must({ adapter: source, call: 'start', ms: startMs, signal }, (inner) =>
    source.start(context, { signal: inner }),
  )
  void watch(
    monitors,
    { signal: watchSignal, clock },
    {
      reading: parts.onReading,
      failed: ({ name }, error) => {
        booted.judge.forget(name)
        events.emit('monitor:failed', { monitor: name, error })
      },
    },
  )
  void listen(parts)
  await calls.attempt({ adapter: enforcer, call: 'ready', ms: CALL_MS, signal }, (inner) =>
    enforcer.ready({ signal: inner }),
  )
  const { budget, limits, lastExit, recovered, permits } = booted
  if (lastExit?.ledger?.leaving === 'recycle') void permits.releaseInherited()
  if (recovered.recovered.length > 0) events.emit('jobs:recovered', recovered)
  const endedAtEpochMs = lastExit?.ledger?.endedAtEpochMs ?? lastExit?.atEpochMs
  events.emit('worker:started', {
    identity: context.identity,
    budget,
    limits,
    ...(lastExit && { lastExit }),
    ...(endedAtEpochMs !== undefined && { restartGapMs: clock.epochMs() - endedAtEpochMs }),
  })
}

async function listen({ options, events, watchSignal, onRequest }: BootOptions): Promise<void> {
  const { enforcer } = options
  if (!enforcer.supports.requests || !enforcer.requests) return
  try {
    for await (const request of enforcer.requests({ signal: watchSignal })) onRequest(request)
  } catch (error) {
    if (watchSignal.aborted) return
    events.emit('adapter:failed', { adapter: enforcer.name, call: 'requests', error })
  }
}
