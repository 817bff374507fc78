import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fileQueue } from '@worker-recycler/file-fetch'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { audit, type Audit, type Death } from './audit.ts'
import { readEvidence } from './evidence.ts'
import { followFleet } from './fleet.ts'
import { createKiller } from './kills.ts'
import { leakiestJob } from './leaks.ts'
import type { DemoOptions } from './options.ts'
import {
  DEMO_CONCURRENCY,
  demoJobs,
  HARD_BYTES,
  MAX_INTERRUPTIONS,
  SOFT_BYTES,
  STOP_MS,
} from './scene.ts'
import type { View } from './view/view.ts'

/** The audit, and what the ledgers of the recycled workers name as the culprit. */
export interface DemoAudit extends Audit {
  readonly leakiestJob: string | null
}

const TICK_MS = 100
/** Without a completed job for so long, the demo gives up, and the audit tells what is missing. */
const STUCK_MS = 60_000

/** Runs the main job once, and audits it. */
export async function runDemo(
  options: DemoOptions,
  view: View,
  signal: AbortSignal,
): Promise<DemoAudit> {
  const dir = prepareDir(options.dir)
  const queueDir = join(dir, 'queue')
  const evidenceDir = join(dir, 'evidence')
  mkdirSync(evidenceDir)

  const queue = fileQueue({ dir: queueDir, maxInterruptions: MAX_INTERRUPTIONS })
  const enqueued = await queue.enqueueMany(demoJobs(options.jobs, options.seed))

  const deaths: Death[] = []
  const deathToRequeueMs: number[] = []
  const killedAtMs = new Map<string, number>()
  const supervisor = createForkSupervisor({
    script: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    args: [queueDir, evidenceDir],
    workers: options.workers,
    limits: { softBytes: SOFT_BYTES, hardBytes: HARD_BYTES },
    stopMs: STOP_MS,
    recycleIntervalMs: 0,
    watch: { calmMs: 200, closeMs: 50 },
    // A demo kills on purpose: that is no reason to give a worker up, or to wait with its successor.
    restart: { breaker: false, backoff: { baseMs: 0 } },
    onDeath: async (notice, { signal: noticeSignal }) => {
      const { identity, cause, exitCode, exitSignal } = notice
      deaths.push({ identity, killed: exitSignal === 'SIGKILL', recycled: exitCode === 75 })
      await queue.recover({ identity, cause }, { signal: noticeSignal })
      const atMs = killedAtMs.get(identity)
      if (atMs !== undefined) deathToRequeueMs.push(performance.now() - atMs)
    },
  })
  const fleet = followFleet(supervisor, options.workers, view.news)
  supervisor.on('worker:killed', ({ identity }) => killedAtMs.set(identity, performance.now()))
  const killer = createKiller(options, evidenceDir)

  await supervisor.start()
  let progressAtMs = performance.now()
  let completed = 0
  for await (const _ of every(TICK_MS)) {
    const done = countCompleted(evidenceDir)
    if (done.ids.size > completed) progressAtMs = performance.now()
    completed = done.ids.size
    view.draw(fleet, {
      jobs: options.jobs,
      completed,
      doneBy: done.byIdentity,
      hardBytes: HARD_BYTES,
    })
    if (completed >= options.jobs || signal.aborted) break
    if (performance.now() - progressAtMs > STUCK_MS) break
    const killed = killer.strike(completed, fleet.workers)
    if (killed !== undefined) killedAtMs.set(killed, performance.now())
  }
  await supervisor.stop()

  const result: DemoAudit = {
    ...audit({
      enqueued: enqueued.map(({ id }) => id),
      evidence: readEvidence(evidenceDir),
      deaths,
      concurrency: DEMO_CONCURRENCY,
      deathToRequeueMs,
    }),
    leakiestJob: leakiestJob(evidenceDir) ?? null,
  }
  if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
  return result
}

function countCompleted(evidenceDir: string) {
  const ids = new Set<string>()
  const byIdentity = new Map<string, number>()
  for (const { identity, marks } of readEvidence(evidenceDir)) {
    const done = marks.filter(({ what }) => what === 'completed')
    byIdentity.set(identity, done.length)
    for (const { id } of done) ids.add(id)
  }
  return { ids, byIdentity }
}

/** Evidence of another run would spoil the audit. */
function prepareDir(dir: string | undefined): string {
  if (dir === undefined) return mkdtempSync(join(tmpdir(), 'worker-recycler-demo-'))
  mkdirSync(dir, { recursive: true })
  if (readdirSync(dir).length > 0) {
    throw new TypeError(`Expected --dir to be a new or empty directory, got "${dir}"`)
  }
  return dir
}
