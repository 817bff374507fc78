import assert from 'node:assert/strict'
import { assertDeclared } from '../declared.ts'
import type { JobSourceRule } from './rule.ts'

/** Rules on declaring, starting and fetching. */
export function fetchRules(rule: JobSourceRule): void {
  rule('declares what it supports, and has the members that it declares', ({ worker }) => {
    assertDeclared(worker().source, 'job-source', {
      abort: 'abort',
      recover: 'recover',
      fencing: undefined,
      throttle: 'throttle',
    })
  })

  rule('takes no job before start()', async ({ worker, enqueue, until }) => {
    const idle = worker({ auto: true })
    const busy = worker({ auto: true })
    await enqueue('glaze')
    await busy.start()
    await until(() => idle.runs.length + busy.settled.length > 0, 'the job to be run')
    assert.equal(idle.runs.length, 0, 'a source that was not started ran a job')
  })

  rule(
    'start() begins to fetch: a job that waited runs, and one that comes later',
    async (scene) => {
      const worker = scene.worker({ auto: true })
      const waited = await scene.enqueue()
      await worker.start()
      assert.equal(await worker.outcome(waited), 'completed')
      const later = await scene.enqueue()
      assert.equal(await worker.outcome(later), 'completed')
    },
  )

  rule(
    'hands a job to the handler of its name, with the payload that was enqueued',
    async (scene) => {
      const worker = scene.worker()
      const payload = { litres: 2, colours: ['red', 'grün'], nothing: null, nested: { deep: true } }
      await worker.start()
      const run = await worker.run(await scene.enqueue('glaze', payload))
      assert.equal(run.name, 'glaze')
      assert.deepEqual(run.payload, payload)
    },
  )

  rule(
    'runs every job once, whichever worker takes it',
    async ({ worker, enqueueMany, ...scene }) => {
      const workers = [
        worker({ auto: true, concurrency: 2 }),
        worker({ auto: true, concurrency: 2 }),
      ]
      const before = await enqueueMany(10)
      await Promise.all(workers.map((each) => each.start()))
      const ids = [...before, ...(await enqueueMany(10))]
      const settled = () => workers.flatMap((each) => each.settled.map(({ id }) => id))
      await scene.until(() => new Set(settled()).size === ids.length, 'all jobs to be settled')
      const runs = workers.flatMap((each) => each.runs.map(({ id }) => id))
      assert.deepEqual(runs.toSorted(), ids.toSorted(), 'jobs run')
      assert.deepEqual(settled().toSorted(), ids.toSorted(), 'jobs settled')
    },
  )

  rule('calls jobStarted() before the handler runs', async ({ worker, enqueue }) => {
    const startedFirst: boolean[] = []
    const painter = worker({
      onStarted: ({ id }) => startedFirst.push(!painter.runs.some((run) => run.id === id)),
    })
    await painter.start()
    const run = await painter.run(await enqueue())
    run.finish()
    await painter.outcome(run.id)
    assert.deepEqual(startedFirst, [true])
  })

  rule('calls jobSettled() when the end of the job is durable', async ({ worker, ...scene }) => {
    const ends: ReturnType<typeof scene.places>[] = []
    const painter = worker({ auto: true, onSettled: ({ id }) => ends.push(scene.places(id)) })
    await painter.start()
    await painter.outcome(await scene.enqueue())
    const [places] = await Promise.all(ends)
    assert.deepEqual(places, scene.bed.oracle.completed ? ['completed'] : [], 'places of the job')
  })

  rule('calls jobSettled() when the lease has left inFlight()', async ({ worker, enqueue }) => {
    const still: boolean[] = []
    const painter = worker({
      auto: true,
      onSettled: (lease) => still.push(painter.source.inFlight().some(({ id }) => id === lease.id)),
    })
    await painter.start()
    await painter.outcome(await enqueue())
    assert.deepEqual(still, [false])
  })

  rule('a handler that rejects makes its job fail, and the worker goes on', async (scene) => {
    const worker = scene.worker()
    await worker.start()
    const bad = await worker.run(await scene.enqueue())
    bad.fail(new Error('The paint has dried'))
    assert.equal(await worker.outcome(bad.id), 'failed')
    const good = await worker.run(await scene.enqueue('glaze'))
    good.finish()
    assert.equal(await worker.outcome(good.id), 'completed')
    assert.deepEqual(worker.failures, [], 'a failed job is no failure of the worker')
  })

  rule('shows every job the deadline of its worker', async ({ worker, enqueue }) => {
    const painter = worker()
    await painter.start()
    const { context } = await painter.run(await enqueue())
    assert.equal(context.deadline.remainingMs(), Infinity, 'before a drain')
    painter.deadline.set(0)
    assert.equal(context.deadline.remainingMs(), 0, 'once the drain is over')
  })
}
