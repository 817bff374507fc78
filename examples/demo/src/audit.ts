import type { Mark, WorkerEvidence } from './evidence.ts'

/** How a worker process ended, as the operating system told its parent. */
export interface Death {
  readonly identity: string
  readonly killed: boolean
  readonly recycled: boolean
}

/** What the audit goes by: nothing in it is counted by the SDK under test. */
export interface AuditInput {
  /** The ids that the producer was told are durable. */
  readonly enqueued: readonly string[]
  readonly evidence: readonly WorkerEvidence[]
  readonly deaths: readonly Death[]
  /** How many jobs a worker runs at once. */
  readonly concurrency: number
  /** For each killed worker: from its death until its jobs were in the queue again. */
  readonly deathToRequeueMs: readonly number[]
}

/** The outcome of a demo or a test run. */
export interface Audit {
  readonly enqueued: number
  readonly completed: number
  /** Enqueued, and never completed. */
  readonly lost: number
  /** Completed again although no kill excuses it. */
  readonly completedTwice: number
  /** Run again because their worker was killed. */
  readonly rerun: number
  /** Run again because their worker left before they were done. */
  readonly handedBack: number
  /** In the hands of a worker when it was killed, and completed by another. */
  readonly recovered: number
  readonly recycles: number
  readonly kills: number
  readonly deathToRequeueMs: { readonly p50: number; readonly p95: number; readonly max: number }
}

interface Run {
  readonly id: string
  readonly killed: boolean
  readonly startedAtEpochMs: number
  readonly completed: boolean
  /** The worker was killed with this job in its hands, for all that can be known. */
  readonly inHandAtKill: boolean
}

/** Counts what happened to every job, from what the jobs themselves wrote down. */
export function audit(input: AuditInput): Audit {
  const killed = new Set(
    input.deaths.filter((death) => death.killed).map(({ identity }) => identity),
  )
  const runsById = new Map<string, Run[]>(input.enqueued.map((id) => [id, []]))
  for (const worker of input.evidence) {
    for (const run of runsOf(worker, killed.has(worker.identity), input.concurrency)) {
      const runs = runsById.get(run.id) ?? []
      runsById.set(run.id, runs)
      runs.push(run)
    }
  }
  const jobs = [...runsById.values()].map((runs) =>
    runs.toSorted((a, b) => a.startedAtEpochMs - b.startedAtEpochMs),
  )
  const count = (is: (runs: readonly Run[]) => boolean) => jobs.filter(is).length
  const isCompleted = (runs: readonly Run[]) => runs.some((run) => run.completed)
  const before = (runs: readonly Run[]) => runs.slice(0, -1)
  return {
    enqueued: input.enqueued.length,
    completed: count(isCompleted),
    lost: count((runs) => !isCompleted(runs)),
    completedTwice: count((runs) => before(runs).some((run) => run.completed && !run.inHandAtKill)),
    rerun: count((runs) => before(runs).some((run) => run.killed)),
    handedBack: count((runs) => before(runs).some((run) => !run.killed && !run.completed)),
    recovered: count((runs) => before(runs).some((run) => run.inHandAtKill) && isCompleted(runs)),
    recycles: input.deaths.filter((death) => death.recycled).length,
    kills: killed.size,
    deathToRequeueMs: percentiles(input.deathToRequeueMs),
  }
}

/**
 * A killed worker may have completed a job without having been able to say so to the queue: each of
 * its slots at most one. So its last completions, as many as it has slots, may be run again.
 */
function runsOf(worker: WorkerEvidence, killed: boolean, concurrency: number): Run[] {
  const completions = worker.marks.filter(({ what }) => what === 'completed').map(({ id }) => id)
  const unsure = new Set(completions.slice(-concurrency))
  const completed = new Set(completions)
  return worker.marks
    .filter(({ what }) => what === 'started')
    .map(({ id, atEpochMs }: Mark) => ({
      id,
      killed,
      startedAtEpochMs: atEpochMs,
      completed: completed.has(id),
      inHandAtKill: killed && (!completed.has(id) || unsure.has(id)),
    }))
}

function percentiles(values: readonly number[]): Audit['deathToRequeueMs'] {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  const round = (value: number) => Math.round(value * 10) / 10
  return { p50: round(at(0.5)), p95: round(at(0.95)), max: round(at(1)) }
}
