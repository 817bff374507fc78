import type { ChildProcess } from 'node:child_process'
import type { DeathNotice, LastExit, Ledger } from '@worker-recycler/core'
import { deathCause } from '../death/death-cause.ts'
import type { WorkerRef } from '../events.ts'
import { createAllowance } from '../memory/allowance.ts'
import { extrapolate, type MemoryState } from '../memory/judge-memory.ts'
import { watchMemory } from '../memory/watch-memory.ts'
import { readStartTime } from '../process/start-time.ts'
import { channelDrained } from './channel-drained.ts'
import { createFarewell, type Farewell } from './farewell.ts'
import { openWorkerLine } from './worker-line.ts'
import type { Workshop } from './workshop.ts'

/** How a worker process ended. */
export interface WorkerEnd {
  readonly notice: DeathNotice
  readonly lastExit: LastExit
  readonly diedAtMs: number
  /** How long it had been ready; undefined when it never was. */
  readonly readyForMs: number | undefined
}

/** What a slot does for its worker. */
export interface WorkerOwner {
  /** How the slot's last worker ended. */
  readonly lastExit: () => Promise<LastExit | undefined>
  /** The worker is ready, or is taken for it: a program that says nothing. */
  readonly onReady: () => void
  /** The worker hears requests. */
  readonly onHello: () => void
  /** The worker begins to leave. */
  readonly onStopping: () => void
  /** The soft limit is reached. */
  readonly onWanted: () => void
  /** No recycle is wanted any more: memory fell well below the limit, or the worker only observes. */
  readonly onSpared: () => void
}

/** One incarnation of a worker, seen from the supervisor. */
export interface WorkerProcess {
  readonly ref: WorkerRef
  readonly farewell: Farewell
  readonly startedAtEpochMs: number
  /** It takes jobs, as it said; a program that says nothing does so `helloMs` after its start. */
  readonly isReady: boolean
  /** It can be asked for something: a signal would not merely end its start. */
  readonly hears: boolean
  readonly memory: MemoryState
  /** What the worker saved for its successor. */
  readonly ledger: Ledger | undefined
  /** Messages that were ignored. */
  readonly ignored: number
  /** Resolves when the ledger has arrived, and at the end at the latest. */
  readonly recorded: Promise<void>
  readonly ended: Promise<WorkerEnd>
}

/** Takes a worker process in hand: talks with it, watches it, ends it, and tells how it ended. */
export function superviseWorker(
  child: ChildProcess,
  ref: WorkerRef,
  shop: Workshop,
  owner: WorkerOwner,
): WorkerProcess {
  const { options, emit, desk, guard, oomKills } = shop
  const { clock, logger, stopMs } = options
  const { pid, identity } = ref
  const startedAtMs = clock.nowMs()
  const startedAtEpochMs = clock.epochMs()
  let readyAtMs: number | undefined
  let silentAtMs: number | undefined
  let ledger: Ledger | undefined
  let record = () => {}
  const recorded = new Promise<void>((resolve) => {
    record = resolve
  })

  // First of all, while the pid is certainly this worker's.
  guard?.add(pid, readStartTime(options.host.proc, pid))

  const line = openWorkerLine(child, pid, {
    options,
    onHello: () => {
      guard?.hears(pid)
      owner.onHello()
    },
    onHeard: (kind) => farewell.heard(kind),
    onDeclined: () => farewell.declined(),
    onIgnored: (count) => emit('message:ignored', { ...ref, count }),
    handlers: {
      limits: () => ({ ...allowance.limits(), from: 'option `limits` of the fork supervisor' }),
      stopBudget: () => ({ ms: stopMs, from: 'option `stopMs` of the fork supervisor' }),
      lastExit: owner.lastExit,
      ready: () => {
        if (readyAtMs !== undefined) return
        readyAtMs = clock.nowMs()
        emit('worker:ready', { ...ref, afterMs: readyAtMs - startedAtMs })
        owner.onReady()
      },
      stopping: (notice) => {
        if (!farewell.announced(notice)) return
        emit('worker:stopping', { ...ref, ...notice })
        owner.onStopping()
      },
      extendStop: (askedMs) => {
        const grantedMs = farewell.extend(askedMs)
        emit('worker:stop-extended', { ...ref, askedMs, grantedMs })
        return grantedMs
      },
      headroom: (request) => {
        const { bytes: grantedBytes, forMs } = allowance.grant(request)
        const askedBytes = request.bytes
        emit('worker:headroom-granted', { ...ref, askedBytes, grantedBytes, forMs })
        return grantedBytes
      },
      saveLedger: (given) => {
        ledger = given
        record()
      },
      acquire: (request) => {
        const granted = desk.acquire(identity, request)
        emit('worker:permit-asked', { ...ref, cohort: request.cohort, granted })
        return granted
      },
      release: (cohort, holder) => desk.release(cohort, holder),
    },
  })

  const farewell = createFarewell({
    ref,
    options,
    emit,
    ask: (request) => line.ask(request),
    isWanted: () => watch.state.wanted,
    usedBytes: () => watch.state.usedBytes,
    onSpared: owner.onSpared,
  })

  const allowance = createAllowance(options.limits, options.headroom, clock)
  const watch = watchMemory({
    pid,
    read: async (...reading) => {
      await oomKills.follow(pid)
      return await shop.read(...reading)
    },
    report: () => line.report,
    allowance,
    intervals: options.watch,
    clock,
    onReading: (reading) => emit('worker:measured', { ...ref, ...reading }),
    onVerdict: (verdict) => {
      if (verdict === 'recycle') owner.onWanted()
      else if (verdict === 'kill') {
        const { usedBytes } = watch.state
        const { hardBytes } = allowance.limits()
        farewell.kill('hard-limit', `${identity} uses ${usedBytes} bytes of ${hardBytes}`)
      } else if (!farewell.asked) owner.onSpared()
    },
    onUnreadable: () => {
      const message = `The memory of ${identity} cannot be read, so its limits are not in force: mount /proc, install ps, or give the option \`readMemory\``
      emit('worker:unmeasured', { ...ref, message })
      logger.warn({ identity }, message)
    },
  })

  const cancelHello = clock.setTimer(options.helloMs, () => {
    if (line.speaks) return
    silentAtMs = clock.nowMs()
    owner.onReady()
  })

  // One that says hello late is no such program after all: it will say when it is ready.
  const upAtMs = () => readyAtMs ?? (line.speaks ? undefined : silentAtMs)

  const conclude = async (code: number | null, name: string | null): Promise<WorkerEnd> => {
    const diedAtMs = clock.nowMs()
    const atEpochMs = clock.epochMs()
    watch.stop()
    allowance.stop()
    cancelHello()
    farewell.over()
    guard?.remove(pid)
    const [oomKilled] = await Promise.all([oomKills.claim(pid), channelDrained(child, clock)])
    record()
    const { killedFor } = farewell
    const { peakBytes } = watch.state
    const { report } = line
    const cause = deathCause({
      exitCode: code,
      exitSignal: name,
      asked: farewell.asked,
      announced: farewell.notice?.leaving,
      killedFor,
      oomKilled,
      heap: report && { usedBytes: report.heapUsedBytes, limitBytes: report.heapLimitBytes },
      usedBytes: extrapolate(watch.state, diedAtMs),
    })
    const notice: DeathNotice = {
      identity,
      cause,
      atEpochMs,
      ...(code !== null && { exitCode: code }),
      ...(name !== null && { exitSignal: name }),
    }
    const uptimeMs = diedAtMs - startedAtMs
    emit('worker:died', { ...ref, ...notice, uptimeMs, peakBytes, ...(killedFor && { killedFor }) })
    const upSinceMs = upAtMs()
    const readyForMs = upSinceMs === undefined ? undefined : diedAtMs - upSinceMs
    const memory = peakBytes > 0 ? { memoryPeakBytes: peakBytes } : {}
    return {
      notice,
      lastExit: { ...notice, ...memory, ...(ledger && { ledger }) },
      diedAtMs,
      readyForMs,
    }
  }

  return {
    ref,
    farewell,
    startedAtEpochMs,
    get isReady() {
      return upAtMs() !== undefined
    },
    get hears() {
      return line.speaks || silentAtMs !== undefined
    },
    get memory() {
      return watch.state
    },
    get ledger() {
      return ledger
    },
    get ignored() {
      return line.ignored
    },
    recorded,
    ended: new Promise((resolve) => {
      child.once('exit', (code, name) => resolve(conclude(code, name)))
    }),
  }
}
