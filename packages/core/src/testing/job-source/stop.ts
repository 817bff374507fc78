import assert from 'node:assert/strict'
import { abortedSignal, ended, within } from '../patience.ts'
import type { JobSourceRule } from './rule.ts'

/** Rules on closing. */
export function stopRules(rule: JobSourceRule): void {
  rule('stop() before start() does nothing', async ({ worker }) => {
    await worker().stop()
  })

  rule('stop() a second time does nothing', async ({ worker, enqueue }) => {
    const painter = worker({ auto: true })
    await painter.start()
    await painter.outcome(await enqueue())
    await painter.stop()
    await painter.stop()
  })

  rule('stop() while start() is under way leaves nothing that claims', async (scene) => {
    const stopped = scene.worker({ auto: true, concurrency: 5 })
    const busy = scene.worker({ auto: true, concurrency: 5 })
    const starting = ended(stopped.start())
    await stopped.stop()
    await starting
    const ids = await scene.enqueueMany(5)
    await busy.start()
    const runs = () => [...stopped.runs, ...busy.runs].map(({ id }) => id)
    await scene.until(() => runs().length === ids.length, 'all later jobs to be run')
    assert.deepEqual(busy.runs.map(({ id }) => id).toSorted(), ids.toSorted())
  })

  rule('stop() waits for no job, and leaves the held ones durable', async (scene) => {
    const worker = scene.worker()
    await worker.start()
    const { id } = await worker.run(await scene.enqueue())
    await worker.stop()
    const places = await scene.places(id)
    assert.ok(places.length === 1 && places[0] !== 'completed', `places: ${places.join(', ')}`)
  })

  rule('claims nothing after stop()', async (scene) => {
    const stopped = scene.worker({ auto: true, concurrency: 5 })
    const busy = scene.worker({ auto: true, concurrency: 5 })
    await stopped.start()
    await stopped.outcome(await scene.enqueue())
    await stopped.stop()
    const ids = await scene.enqueueMany(5)
    await busy.start()
    const runs = () => [...stopped.runs.slice(1), ...busy.runs].map(({ id }) => id)
    await scene.until(() => runs().length === ids.length, 'all later jobs to be run')
    assert.deepEqual(busy.runs.map(({ id }) => id).toSorted(), ids.toSorted())
  })
}

/** Rules on calls for which there is no time left. */
export function signalRules(rule: JobSourceRule): void {
  const signal = abortedSignal()

  rule('start() with an aborted signal ends promptly', async ({ worker, patience }) => {
    const { source, context } = worker()
    await within(ended(source.start(context, { signal })), 'start() to end', patience)
  })

  rule('quiesce() with an aborted signal ends promptly', async ({ worker, patience }) => {
    const painter = worker()
    await painter.start()
    await within(ended(painter.source.quiesce({ signal })), 'quiesce() to end', patience)
  })

  rule('handBack() with an aborted signal ends promptly, and loses no job', async (scene) => {
    const worker = scene.worker()
    await worker.start()
    const { id } = await worker.run(await scene.enqueue())
    await worker.quiesce()
    const call = worker.source.handBack(worker.lease(id), { signal })
    await within(ended(call), 'handBack() to end', scene.patience)
    const places = await scene.places(id)
    assert.ok(places.length === 1 && places[0] !== 'completed', `places: ${places.join(', ')}`)
  })

  rule('stop() with an aborted signal ends promptly', async ({ worker, patience }) => {
    const painter = worker()
    await painter.start()
    await within(ended(painter.source.stop({ signal })), 'stop() to end', patience)
  })
}
