import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRecycler, type DeathCause } from '@worker-recycler/core'
import { fileFetch, fileQueue, type FileQueue } from '@worker-recycler/file-fetch'
import { audit, type Audit, type Death } from '../../../examples/demo/src/audit.ts'
import { readEvidence, writeMark } from '../../../examples/demo/src/evidence.ts'

/** A queue, the evidence of its jobs, and who died. */
export interface Stage {
  readonly queueDir: string
  readonly evidenceDir: string
  readonly queue: FileQueue
  readonly deaths: Death[]
  enqueue(names: readonly string[]): Promise<readonly string[]>
  /** Notes a death, and puts back what the dead worker held. */
  bury(identity: string, killed: boolean, cause: DeathCause): Promise<void>
  /** Runs every job that is left in this process, then judges by what the jobs wrote down. */
  finish(): Promise<Audit>
  remove(): void
}

/** Sets up an empty stage for workers that run so many jobs at once. */
export function createStage(concurrency: number, maxInterruptions = 3): Stage {
  const dir = mkdtempSync(join(tmpdir(), 'worker-recycler-chaos-'))
  const queueDir = join(dir, 'queue')
  const evidenceDir = join(dir, 'evidence')
  mkdirSync(evidenceDir)
  const queue = fileQueue({ dir: queueDir, fsync: 'none', maxInterruptions })
  const enqueued: string[] = []
  const deaths: Death[] = []

  return {
    queueDir,
    evidenceDir,
    queue,
    deaths,
    enqueue: async (names) => {
      const added = await queue.enqueueMany(names.map((name) => ({ name, payload: null })))
      const ids = added.map(({ id }) => id)
      enqueued.push(...ids)
      return ids
    },
    bury: async (identity, killed, cause) => {
      deaths.push({ identity, killed, recycled: cause === 'recycle' })
      await queue.recover({ identity, cause })
    },
    finish: async () => {
      await runWhatIsLeft(queue, queueDir, evidenceDir)
      return audit({
        enqueued,
        evidence: readEvidence(evidenceDir),
        deaths,
        concurrency,
        deathToRequeueMs: [],
      })
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** Whatever these do elsewhere, at the end they just complete. */
const NAMES = ['quick', 'slow', 'obedient', 'stubborn']

async function runWhatIsLeft(queue: FileQueue, dir: string, evidenceDir: string): Promise<void> {
  const { waiting, held } = await countLeft(queue)
  if (waiting + held === 0) return
  let left = waiting + held
  let done = () => {}
  const allDone = new Promise<void>((resolve) => {
    done = resolve
  })
  const handle = async ({ id, name }: { id: string; name: string }) => {
    for (const what of ['started', 'completed'] as const) {
      writeMark(evidenceDir, recycler.identity, { what, id, name, atEpochMs: Date.now() })
    }
    left -= 1
    if (left === 0) done()
  }
  const recycler = createRecycler({
    monitors: [],
    source: fileFetch({ dir, handlers: Object.fromEntries(NAMES.map((name) => [name, handle])) }),
  })
  await recycler.start()
  await allDone
  await recycler.stop()
}

async function countLeft(queue: FileQueue) {
  const [ready, scheduled, working] = await Promise.all([
    queue.jobs('ready'),
    queue.jobs('scheduled'),
    queue.jobs('working'),
  ])
  return { waiting: ready.length + scheduled.length, held: working.length }
}
