import assert from 'node:assert/strict'
import { turn } from '../patience.ts'
import type { JobSourceRule } from './rule.ts'

/** Rules on the end of fetching. */
export function quiesceRules(rule: JobSourceRule): void {
  rule('quiesce() resolves when no fetch is in flight any more', async (scene) => {
    const worker = scene.worker({ concurrency: 20 })
    await worker.start()
    const enqueuing = scene.enqueueMany(10)
    await scene.until(() => worker.started.length > 0, 'the first job to be claimed')
    await worker.quiesce()
    // What a fetch still brought is in flight now or in its queue; nothing is on its way.
    const inFlight = worker.source.inFlight().map(({ id }) => id)
    const rest = (await enqueuing).filter((id) => !inFlight.includes(id))
    for (let turns = 0; turns < 5; turns += 1) {
      assert.deepEqual((await scene.held(worker)).toSorted(), inFlight.toSorted(), 'held')
      assert.deepEqual((await scene.available()).toSorted(), rest.toSorted(), 'available')
      await turn()
    }
  })

  rule('claims nothing after quiesce(): later jobs are for other workers', async (scene) => {
    const quiet = scene.worker({ auto: true, concurrency: 5 })
    const busy = scene.worker({ auto: true, concurrency: 5 })
    await quiet.start()
    await quiet.outcome(await scene.enqueue())
    await quiet.quiesce()
    const ids = await scene.enqueueMany(5)
    await busy.start()
    const runs = () => [...quiet.runs.slice(1), ...busy.runs].map(({ id }) => id)
    await scene.until(() => runs().length === ids.length, 'all later jobs to be run')
    assert.deepEqual(busy.runs.map(({ id }) => id).toSorted(), ids.toSorted())
  })

  rule('quiesce() lets running jobs finish', async ({ worker, enqueue, bed, ...scene }) => {
    const painter = worker()
    await painter.start()
    const run = await painter.run(await enqueue())
    await painter.quiesce()
    assert.equal(run.context.signal.aborted, false, 'the signal of the job')
    assert.equal(painter.lease(run.id).id, run.id)
    run.finish()
    assert.equal(await painter.outcome(run.id), 'completed')
    assert.deepEqual(await scene.places(run.id), bed.oracle.completed ? ['completed'] : [])
  })
}
