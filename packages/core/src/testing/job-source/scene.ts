import assert from 'node:assert/strict'
import { ended, turn, within, type Patience } from '../patience.ts'
import { inScope } from '../scope.ts'
import { createTrail } from '../trail.ts'
import { createSuiteWorker, type SuiteWorker, type SuiteWorkerOptions } from './suite-worker.ts'
import type { JobSourceHarness, JobSourceTestBed } from './test-bed.ts'

/** Where a job is, by the oracle: one entry for every copy. */
type Places = readonly ('available' | 'held' | 'completed' | 'quarantined')[]

/** What a rule of the job source contract plays with. */
export interface Scene {
  readonly bed: JobSourceTestBed
  readonly patience: Patience
  /** Another worker on the storage, not started. */
  readonly worker: (options?: SuiteWorkerOptions) => SuiteWorker
  /** Adds a job named `paint`. */
  readonly enqueue: (name?: 'paint' | 'glaze', payload?: unknown) => Promise<string>
  /** Adds several. */
  readonly enqueueMany: (count: number) => Promise<readonly string[]>
  readonly until: (condition: () => boolean, what: string) => Promise<void>
  readonly places: (id: string) => Promise<Places>
  readonly available: () => Promise<readonly string[]>
  readonly held: (worker: SuiteWorker) => Promise<readonly string[]>
  /** Leaves a worker for dead: without clean-up where the test bed can, else after `quiesce()`. */
  readonly abandon: (worker: SuiteWorker) => Promise<void>
  /** Looks where a job is, over and over, while `body` goes on; fails if it was ever nowhere. */
  readonly neverLost: (id: string, body: () => Promise<void>) => Promise<void>
}

/** Runs one rule on a storage of its own, and puts everything away after it. */
export function playScene(
  harness: JobSourceHarness,
  rule: (scene: Scene) => void | Promise<void>,
): Promise<void> {
  return inScope(harness, async (bed) => {
    const workers: SuiteWorker[] = []
    try {
      await rule(createScene(bed, workers, harness))
    } finally {
      for (const worker of workers) for (const run of worker.runs) run.finish()
      // Whether `stop()` works is another rule's matter.
      await Promise.all(workers.map((worker) => ended(worker.stop())))
    }
  })
}

function createScene(bed: JobSourceTestBed, workers: SuiteWorker[], patience: Patience): Scene {
  const { oracle } = bed
  const trail = createTrail(patience)

  // A job may move on between two looks. Looking in the order in which it moves, and twice, sees it.
  const find = async (id: string): Promise<Places> => {
    const once = await look(id)
    return once.length === 0 ? look(id) : once
  }
  const look = async (id: string): Promise<Places> => {
    const places: Places[number][] = []
    const add = (place: Places[number], ids: readonly string[]) => {
      for (const each of ids) if (each === id) places.push(place)
    }
    add('available', await oracle.available())
    for (const worker of workers) add('held', await oracle.held(worker.identity))
    add('completed', (await oracle.completed?.()) ?? [])
    add('quarantined', (await oracle.quarantined?.()) ?? [])
    return places
  }

  const scene: Scene = {
    bed,
    patience,
    worker: (options) => {
      const worker = createSuiteWorker(bed, trail, patience, options)
      workers.push(worker)
      return worker
    },
    enqueue: (name = 'paint', payload = { litres: 2 }) => bed.enqueue(name, payload),
    enqueueMany: (count) =>
      Promise.all(Array.from({ length: count }, (_, number) => bed.enqueue('paint', { number }))),
    until: trail.until,
    places: find,
    available: async () => oracle.available(),
    held: async (worker) => oracle.held(worker.identity),
    abandon: async (worker) => {
      if (bed.crash) await bed.crash(worker.source)
      else await worker.quiesce()
    },
    neverLost: async (id, body) => {
      const over = new AbortController()
      const watch = async () => {
        while (!over.signal.aborted) {
          const places = await find(id)
          assert.notDeepEqual(places, [], `Job ${id} was in no durable place`)
          await turn()
        }
      }
      const acting = body().finally(() => over.abort())
      try {
        await within(Promise.all([watch(), acting]), 'the job to be moved', patience)
      } finally {
        over.abort()
      }
    },
  }
  return scene
}
