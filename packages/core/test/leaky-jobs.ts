import { createAttribution, type JobGrowth } from '../src/ledger/attribution.ts'
import type { Clock } from '../src/process/clock.ts'
import { seeded } from './policies/context.ts'

/** One kind of job in a simulated workload. */
export interface SimulatedKind {
  /** The mean length of a run; lengths are exponentially distributed. */
  readonly ms: number
  /** How often it runs, relative to the others. */
  readonly weight: number
  /** What a run leaves behind for good. */
  readonly leakBytes?: number
  /** When it does: evenly while it runs, or all at its start or end. Defaults to `end`. */
  readonly leaksAt?: 'start' | 'run' | 'end'
  /** What a run leaves for the garbage collector. */
  readonly garbageBytes?: number
}

/** A simulated worker. */
export interface SimulatedWorkload {
  readonly kinds: Readonly<Record<string, SimulatedKind>>
  readonly forMs: number
  readonly seed: number
  /** Garbage that is collected once so much of it is there. Defaults to 30 MB. */
  readonly collectAtBytes?: number
  /** Memory outside of all jobs, over time. Defaults to 80 MB. */
  readonly otherBytes?: (ms: number) => number
}

const STEP_MS = 5
const CONCURRENCY = 10
const NOISE_BYTES = 2_000_000

/** Runs a workload on a clock of its own; tells the estimate and the truth. */
export function simulate(workload: SimulatedWorkload): {
  report: JobGrowth[]
  leakedBytes: number
} {
  const { kinds, forMs, collectAtBytes = 30_000_000, otherBytes = () => 80_000_000 } = workload
  const random = seeded(workload.seed)
  const weights = Object.entries(kinds).map(([name, kind]) => ({ name, kind }))
  const weightSum = weights.reduce((sum, { kind }) => sum + kind.weight, 0)
  const pick = () => {
    let left = random() * weightSum
    return weights.find(({ kind }) => (left -= kind.weight) < 0) ?? weights[0]!
  }

  let nowMs = 0
  let leakedBytes = 0
  let garbageBytes = 0
  const readBytes = () => otherBytes(nowMs) + leakedBytes + garbageBytes + random() * NOISE_BYTES
  const clock: Clock = { nowMs: () => nowMs, epochMs: () => nowMs, setTimer: () => () => undefined }
  const attribution = createAttribution({ clock, readBytes })

  const running = new Set<{ name: string; kind: SimulatedKind; ms: number; leftMs: number }>()
  for (; nowMs < forMs; nowMs += STEP_MS) {
    while (running.size < CONCURRENCY) {
      const { name, kind } = pick()
      const ms = Math.max(1, -kind.ms * Math.log(1 - random()))
      running.add({ name, kind, ms, leftMs: ms })
      attribution.started(name)
      if (kind.leaksAt === 'start') leakedBytes += kind.leakBytes ?? 0
    }
    for (const run of running) {
      const part = Math.min(STEP_MS, run.leftMs) / run.ms
      run.leftMs -= STEP_MS
      garbageBytes += (run.kind.garbageBytes ?? 0) * part
      if (run.kind.leaksAt === 'run') leakedBytes += (run.kind.leakBytes ?? 0) * part
      if (run.leftMs > 0) continue
      if ((run.kind.leaksAt ?? 'end') === 'end') leakedBytes += run.kind.leakBytes ?? 0
      running.delete(run)
      attribution.settled(run.name)
    }
    if (garbageBytes > collectAtBytes) garbageBytes *= 0.1 * random()
  }
  return { report: attribution.report(), leakedBytes }
}
