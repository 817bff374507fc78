// A recycler whose supervisor is systemd, with one job. It logs to the journal, and says by JSON on
// stderr what a check must know. SIGUSR1: recycle; SIGUSR2: the job ends; SIGHUP: leak; SIGWINCH: block.
import { createRecycler, type Enforcer } from '@worker-recycler/core'
import { memoryJobSource } from '@worker-recycler/core/testing'
import { journalLogger, systemdEnforcer } from '@worker-recycler/systemd-adapter'

/** How the worker is to behave. */
export interface Work {
  /** Once the worker leaves, its job needs so much more memory, and ends when it has it. Without, it ends at SIGUSR2. */
  readonly jobMb?: number
  /** The job needs none of it before there is head-room. Defaults to false. */
  readonly waitsForRoom?: boolean
  /** The time to leave that it counts on. Defaults to what systemd grants unasked. */
  readonly stopMs?: number
  /** Whether it asks for its time to leave. Defaults to true. */
  readonly asksTime?: boolean
}

const work = JSON.parse(process.argv[2] ?? '{}') as Work
const { jobMb, waitsForRoom = false, stopMs, asksTime = true } = work
const MB = 2 ** 20
const STEP = MB / 4
/** An emulated machine is slow: the calls have this time instead of core's second. */
const CALL_MS = 60_000

const tell = (line: object): void => void process.stderr.write(`${JSON.stringify(line)}\n`)
const held: Buffer[] = []
// Filled, for memory that is only reserved is not held.
const hold = (bytes: number): void => void held.push(Buffer.alloc(bytes, 1))
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

async function grow(mb: number): Promise<void> {
  for (let bytes = STEP; bytes <= mb * MB; bytes += STEP) {
    hold(STEP)
    if (bytes % MB === 0) tell({ heldMb: bytes / MB })
    await turn()
  }
}

async function growJob(): Promise<void> {
  if (jobMb === undefined) return
  await grow(jobMb)
  tell({ finishedMb: jobMb })
  source.finish(jobId)
}

const source = memoryJobSource()
const jobId = source.store.enqueue('work')
const logger = journalLogger()
const own = systemdEnforcer({ logger })
const call = () => ({ signal: AbortSignal.timeout(CALL_MS) })
const enforcer: Enforcer = {
  ...own,
  supports: { ...own.supports, extendStop: asksTime },
  ...(stopMs !== undefined && {
    stopBudget: async () => ({ ms: stopMs, from: 'what the worker counts on' }),
  }),
  ready: () => own.ready(call()),
  stopping: (notice) => own.stopping(notice, call()),
  extendStop: async (ms) => {
    const extendedMs = await own.extendStop(ms, call())
    tell({ extendedMs })
    return extendedMs
  },
  grantHeadroom: async (request) => {
    const startMs = performance.now()
    try {
      const grantedBytes = await own.grantHeadroom(request, call())
      tell({ grantedBytes, tookMs: performance.now() - startMs })
      if (waitsForRoom) void growJob()
      return grantedBytes
    } catch (error) {
      tell({ refused: String(error) })
      throw error
    }
  },
}

const recycler = createRecycler({ source, enforcer, monitors: [], logger })
recycler.on('worker:started', ({ lastExit, limits }) => {
  tell({ started: own.invocation, lastExit, limits })
})
recycler.on('leaving:started', () => {
  if (!waitsForRoom) void growJob()
})
recycler.on('worker:stopped', ({ ledger }) => tell({ stopped: ledger.leaving, ledger }))

process.on('SIGUSR1', () => void recycler.recycle({ reason: 'The check asked for it' }))
process.on('SIGUSR2', () => source.finish(jobId))
process.on('SIGHUP', () => void grow(Number.MAX_SAFE_INTEGER / MB))
process.on('SIGWINCH', () => {
  tell({ blocked: true })
  for (;;);
})
// Neither a memory source nor a signal keeps a process alive.
setInterval(() => {}, CALL_MS)
await recycler.run()
