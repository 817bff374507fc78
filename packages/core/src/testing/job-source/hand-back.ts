import assert from 'node:assert/strict'
import { turn } from '../patience.ts'
import type { JobSourceRule } from './rule.ts'
import type { Scene } from './scene.ts'
import type { SuiteRun, SuiteWorker } from './suite-worker.ts'

/** A worker that holds a job whose handler runs, and fetches no more: the state of a drain. */
async function draining(scene: Scene): Promise<{ worker: SuiteWorker; run: SuiteRun }> {
  const worker = scene.worker()
  await worker.start()
  const run = await worker.run(await scene.enqueue())
  await worker.quiesce()
  return { worker, run }
}

/** Rules on returning an unfinished job. */
export function handBackRules(rule: JobSourceRule): void {
  rule('a job handed back is available at once, and another worker runs it', async (scene) => {
    const { worker, run } = await draining(scene)
    assert.equal(await worker.handBack(worker.lease(run.id)), 'handedBack')
    assert.deepEqual(await scene.places(run.id), ['available'])
    const other = scene.worker({ auto: true })
    await other.start()
    assert.equal(await other.outcome(run.id), 'completed')
  })

  rule('a job is in a durable place at every step of its hand-back', async (scene) => {
    const { worker, run } = await draining(scene)
    await scene.neverLost(run.id, async () => {
      await worker.handBack(worker.lease(run.id))
    })
  })

  rule('a hand-back is told by jobSettled(), and ends the lease', async (scene) => {
    const { worker, run } = await draining(scene)
    await worker.handBack(worker.lease(run.id))
    assert.deepEqual(worker.settled, [{ id: run.id, outcome: 'handedBack' }])
    assert.deepEqual(worker.source.inFlight(), [])
  })

  rule('a hand-back is charged neither as a run nor as an interruption', async (scene) => {
    const { worker, run } = await draining(scene)
    await worker.handBack(worker.lease(run.id))
    const other = scene.worker()
    await other.start()
    const { context } = await other.run(run.id)
    assert.equal(context.delivery.count, 1, '`delivery.count`')
    assert.equal(context.delivery.interruptions, 0, '`delivery.interruptions`')
    assert.equal(context.delivery.lastCause, undefined, '`delivery.lastCause`')
  })

  rule(
    'handBack() of a job that has ended says alreadySettled, and returns nothing',
    async (scene) => {
      const { worker, run } = await draining(scene)
      const lease = worker.lease(run.id)
      run.finish()
      await worker.outcome(run.id)
      assert.equal(await worker.handBack(lease), 'alreadySettled')
      assert.deepEqual(await scene.available(), [])
      assert.equal(worker.settled.length, 1, 'calls of jobSettled()')
    },
  )

  rule('a handler that ends after its hand-back changes nothing', async (scene) => {
    const worker = scene.worker({ concurrency: 2 })
    await worker.start()
    const finishing = await worker.run(await scene.enqueue())
    const failing = await worker.run(await scene.enqueue())
    await worker.quiesce()
    for (const { id } of [finishing, failing]) await worker.handBack(worker.lease(id))
    finishing.finish()
    failing.fail(new Error('Too late'))
    // The other worker's two rounds give the late ends time to do harm.
    const other = scene.worker({ concurrency: 2 })
    await other.start()
    for (const { id } of [finishing, failing]) {
      const run = await other.run(id)
      assert.deepEqual(await scene.places(id), ['held'])
      run.finish()
      assert.equal(await other.outcome(id), 'completed')
    }
    assert.equal(worker.settled.length, 2, 'calls of jobSettled()')
    assert.deepEqual(await scene.available(), [])
  })

  rule('a hand-back that meets the end of its job leaves one of the two', async (scene) => {
    const worker = scene.worker({ concurrency: 6 })
    await worker.start()
    const runs: SuiteRun[] = []
    for (const id of await scene.enqueueMany(6)) runs.push(await worker.run(id))
    await worker.quiesce()
    for (const [turns, run] of runs.entries()) {
      const lease = worker.lease(run.id)
      run.finish()
      for (let each = 0; each < turns; each += 1) await (each < 3 ? Promise.resolve() : turn())
      const outcome = await worker.handBack(lease)
      const settled = await worker.outcome(run.id)
      assert.equal(settled, outcome === 'handedBack' ? 'handedBack' : 'completed')
      const copies = (await scene.places(run.id)).filter((place) => place !== 'completed')
      assert.deepEqual(copies, outcome === 'handedBack' ? ['available'] : [])
    }
    assert.equal(worker.settled.length, runs.length, 'calls of jobSettled()')
  })

  rule('two hand-backs of one job at once leave one copy', async (scene) => {
    const { worker, run } = await draining(scene)
    const lease = worker.lease(run.id)
    await Promise.all([worker.handBack(lease), worker.handBack(lease)])
    assert.deepEqual(await scene.places(run.id), ['available'])
    assert.equal(worker.settled.length, 1, 'calls of jobSettled()')
  })
}
