import assert from 'node:assert/strict'
import { RecycleAbort } from '../../errors.ts'
import type { JobSourceRule } from './rule.ts'

const reason = () =>
  new RecycleAbort('recycle', [{ code: 'test', message: 'The suite asks the job to stop.' }], 1000)

/** Rules on asking a job to stop. */
export function abortRules(rule: JobSourceRule): void {
  rule(
    'abort() reaches the signal of the job with the very reason',
    async ({ worker, enqueue }) => {
      const painter = worker()
      await painter.start()
      const { id, context } = await painter.run(await enqueue())
      assert.equal(context.signal.aborted, false, 'before abort()')
      const given = reason()
      painter.source.abort(painter.lease(id), given)
      assert.equal(context.signal.aborted, true, 'after abort()')
      assert.equal(context.signal.reason, given)
    },
  )

  rule('abort() concerns one job only', async ({ worker, enqueue }) => {
    const painter = worker({ concurrency: 2 })
    await painter.start()
    const one = await painter.run(await enqueue())
    const other = await painter.run(await enqueue())
    painter.source.abort(painter.lease(one.id), reason())
    assert.equal(other.context.signal.aborted, false)
  })

  rule('a job that ignores abort() holds up neither its hand-back nor stop()', async (scene) => {
    const worker = scene.worker()
    await worker.start()
    const { id } = await worker.run(await scene.enqueue())
    const lease = worker.lease(id)
    await worker.quiesce()
    worker.source.abort(lease, reason())
    assert.equal(await worker.handBack(lease), 'handedBack')
    assert.deepEqual(await scene.places(id), ['available'])
    await worker.stop()
  })

  rule('a job that fails after abort() is handed back, uncharged', async (scene) => {
    const worker = scene.worker()
    await worker.start()
    const run = await worker.run(await scene.enqueue())
    await worker.quiesce()
    worker.source.abort(worker.lease(run.id), reason())
    run.fail(run.context.signal.reason)
    assert.equal(await worker.outcome(run.id), 'handedBack')
    assert.deepEqual(await scene.places(run.id), ['available'])
    const next = scene.worker()
    await next.start()
    const { delivery } = (await next.run(run.id)).context
    assert.equal(delivery.count, 1, '`delivery.count`')
    assert.equal(delivery.interruptions, 0, '`delivery.interruptions`')
  })

  rule('a job that completes after abort() is completed', async ({ worker, enqueue }) => {
    const painter = worker()
    await painter.start()
    const run = await painter.run(await enqueue())
    painter.source.abort(painter.lease(run.id), reason())
    run.finish()
    assert.equal(await painter.outcome(run.id), 'completed')
  })
}
