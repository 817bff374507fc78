import assert from 'node:assert/strict'
import { turn } from '../patience.ts'
import type { JobSourceRule } from './rule.ts'
import type { Scene } from './scene.ts'

const PLACES = 4

/** A worker throttled while all its places were taken, so that no fetch was under way; now all are free. */
async function throttled(scene: Scene, share: number) {
  const worker = scene.worker({ concurrency: PLACES })
  await worker.start()
  for (const id of await scene.enqueueMany(PLACES)) await worker.run(id)
  worker.source.throttle?.(share)
  for (const run of worker.runs) run.finish()
  await scene.until(() => worker.settled.length === PLACES, 'the first jobs to be settled')
  return worker
}

/** Rules on taking fewer jobs. */
export function throttleRules(rule: JobSourceRule): void {
  rule('throttle() takes at most its share of the usual number of jobs', async (scene) => {
    const worker = await throttled(scene, 0.5)
    const ids = await scene.enqueueMany(8)
    let most = 0
    for (const [index] of ids.entries()) {
      await scene.until(() => worker.runs.length > PLACES + index, 'the next job to be run')
      for (let each = 0; each < 5; each += 1) await turn()
      most = Math.max(most, worker.source.inFlight().length)
      const run = worker.runs[PLACES + index]
      run?.finish()
      await worker.outcome(run?.id ?? '')
    }
    assert.ok(most <= PLACES / 2, `${most} jobs at once under throttle(0.5) of ${PLACES}`)
  })

  rule('throttle(0) takes nothing', async (scene) => {
    const none = await throttled(scene, 0)
    const ids = await scene.enqueueMany(5)
    const busy = scene.worker({ auto: true })
    await busy.start()
    const runs = () => [...none.runs.slice(PLACES), ...busy.runs].map(({ id }) => id)
    await scene.until(() => runs().length === ids.length, 'all jobs to be run')
    assert.deepEqual(busy.runs.map(({ id }) => id).toSorted(), ids.toSorted())
  })

  rule('throttle(1) ends the throttle', async (scene) => {
    const worker = await throttled(scene, 0.5)
    await scene.enqueueMany(PLACES)
    await scene.until(() => worker.runs.length > PLACES, 'a job under the throttle')
    worker.source.throttle?.(1)
    await scene.until(() => worker.source.inFlight().length === PLACES, 'all places to be taken')
  })
}
