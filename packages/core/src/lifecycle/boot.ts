import type { SupervisorRequest } from '../contracts/enforcer.ts'
import type { JobSourceContext } from '../contracts/job-source.ts'
import type { Reading } from '../contracts/monitor.ts'
import { startHeapProfile, type HeapProfile } from '../diagnosis/heap-profile.ts'
import type { Events } from '../events.ts'
import { createDeadline, type Deadline } from '../jobs/deadline.ts'
import type { HeldLeases } from '../jobs/held-leases.ts'
import { hostMemoryLimitBytes } from '../process/memory-limit.ts'
import { sleep } from '../process/sleep.ts'
import { within } from '../process/within.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
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
  /** Ends the start, and what is left of it when the worker leaves. */
  readonly startSignal: AbortSignal
  /** Ends watching and listening to the supervisor. */
  readonly watchSignal: AbortSignal
  readonly onReading: (reading: Reading) => void
  readonly onMonitorEnded: (monitor: string) => void
  readonly onRequest: (request: SupervisorRequest) => void
  /** Everything is known and nothing refused; jobs come next. */
  readonly onPrepared: (booted: Booted) => void
  /** Jobs are taken. */
  readonly onReady: () => void
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
/** The wait until the supervisor is told again that the worker is ready. */
const READY_AGAIN_MS = 1000

/**
 * Starts a worker: `startMs` for all until jobs are taken. Rejects, with nothing left running but
 * what hangs, when it cannot. Resolves once the supervisor was told, or could not be; that alone holds up nothing.
 */
export async function boot(parts: BootOptions): Promise<void> {
  const { options, context, calls, startSignal: signal } = parts
  const { source, clock } = options
  const time = createDeadline(clock)
  time.set(clock.nowMs() + options.startMs)
  const booted = await bootBeforeJobs(parts, time)
  parts.onPrepared(booted)
  await calls.must({ adapter: source, call: 'start', ms: time.remainingMs(), signal }, (inner) =>
    source.start(context, { signal: inner }),
  )
  tellStarted(parts, booted)
  parts.onReady()
  await accompany(parts, booted)
}

/** Prepares what must be known first; may refuse. No job is taken yet. */
async function bootBeforeJobs(parts: BootOptions, time: Deadline): Promise<Booted> {
  const { options, context, held, calls, startSignal } = parts
  const { clock } = options
  const prepared = await prepare(options, calls, time, context.identity, {
    signal: startSignal,
  })
  const profile = await openProfile(parts, time)
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
      drainMs: prepared.budget.drainMs,
      recycles: prepared.recycles,
      inFlight: () => held.now(),
    }),
    permits: createPermits({
      options,
      calls,
      identity: context.identity,
      budgetMs: prepared.budget.totalMs,
    }),
  }
}

async function openProfile(
  { options, context, startSignal }: BootOptions,
  time: Deadline,
): Promise<HeapProfile | undefined> {
  const { heapProfile, clock } = options
  startSignal.throwIfAborted()
  if (!heapProfile) return undefined
  const call = { ms: time.remainingMs(), clock, what: 'The heap profile', signal: startSignal }
  return within(call, async (signal) => {
    const profile = await startHeapProfile(heapProfile, context.identity)
    if (signal.aborted) profile.stop()
    return profile
  })
}

function tellStarted({ options, context, events }: BootOptions, booted: Booted): void {
  const { budget, limits, lastExit, recovered } = booted
  if (recovered.recovered.length > 0) events.emit('jobs:recovered', recovered)
  const endedAtEpochMs = lastExit?.ledger?.endedAtEpochMs ?? lastExit?.atEpochMs ?? Number.NaN
  const restartGapMs = options.clock.epochMs() - endedAtEpochMs
  events.emit('worker:started', {
    identity: context.identity,
    budget,
    limits,
    ...(lastExit && { lastExit }),
    // Less than nothing means that the wall clock was set back meanwhile.
    ...(restartGapMs >= 0 && { restartGapMs }),
  })
}

/** Watches memory and listens to the supervisor for as long as the worker lives. */
async function accompany(parts: BootOptions, booted: Booted): Promise<void> {
  const { options, events, watchSignal: signal } = parts
  const { clock, monitors } = options
  const listener = {
    reading: parts.onReading,
    failed: ({ name }: { readonly name: string }, error: unknown) => {
      events.emit('monitor:failed', { monitor: name, error })
      parts.onMonitorEnded(name)
    },
  }
  void watch(monitors, { signal, clock }, listener)
  void listen(parts)
  if (booted.lastExit?.ledger?.leaving === 'recycle') void booted.permits.releaseInherited()
  if (parts.startSignal.aborted) return
  await tellReady(parts)
}

/**
 * Resolves after the first attempt, and repeats it until the supervisor has heard, or the worker
 * leaves: a supervisor that waits for it, such as an init system, ends the worker some time later.
 */
async function tellReady({ options, calls, startSignal, watchSignal }: BootOptions): Promise<void> {
  const { enforcer, clock } = options
  const signal = AbortSignal.any([startSignal, watchSignal])
  const attempt = () =>
    calls.attempt({ adapter: enforcer, call: 'ready', ms: CALL_MS, signal }, async (inner) => {
      await enforcer.ready({ signal: inner })
      return 'heard'
    })
  const repeat = async () => {
    do await sleep(READY_AGAIN_MS, clock, signal)
    while (!signal.aborted && (await attempt()) === undefined)
  }
  if ((await attempt()) === undefined) void repeat()
}

async function listen({ options, events, watchSignal, onRequest }: BootOptions): Promise<void> {
  const { enforcer } = options
  if (!enforcer.supports.requests || !enforcer.requests) return
  try {
    for await (const request of enforcer.requests({ signal: watchSignal })) {
      if (watchSignal.aborted) return
      onRequest(request)
    }
  } catch (error) {
    if (watchSignal.aborted) return
    events.emit('adapter:failed', { adapter: enforcer.name, call: 'requests', error })
  }
}
