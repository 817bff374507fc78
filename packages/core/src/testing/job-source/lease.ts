import assert from 'node:assert/strict'
import { systemClock } from '../../process/clock.ts'
import type { JobSourceRule } from './rule.ts'

/** Rules on what a lease is, and on where the job is meanwhile. */
export function leaseRules(rule: JobSourceRule): void {
  rule('inFlight() names the jobs held now, and no others', async ({ worker, enqueue, bed }) => {
    const painter = worker({ concurrency: 2 })
    assert.deepEqual(painter.source.inFlight(), [], 'before start()')
    await painter.start()
    const first = await painter.run(await enqueue('paint'))
    const second = await painter.run(await enqueue('glaze'))
    const leases = painter.source.inFlight().map(({ id, name }) => ({ id, name }))
    assert.deepEqual(
      leases.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      [first, second]
        .map(({ id, name }) => ({ id, name }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    )
    const now = (bed.clock ?? systemClock).nowMs()
    for (const { startedAtMs } of painter.source.inFlight()) {
      assert.ok(Number.isFinite(startedAtMs) && startedAtMs <= now, '`startedAtMs` is in the past')
    }
    first.finish()
    await painter.outcome(first.id)
    assert.deepEqual(
      painter.source.inFlight().map(({ id }) => id),
      [second.id],
    )
  })

  rule('a first delivery is run 1, without interruptions', async ({ worker, enqueue }) => {
    const painter = worker()
    await painter.start()
    const run = await painter.run(await enqueue())
    for (const delivery of [painter.lease(run.id).delivery, run.context.delivery]) {
      assert.equal(delivery.count, 1, '`delivery.count`')
      assert.equal(delivery.interruptions, 0, '`delivery.interruptions`')
      assert.equal(delivery.lastCause, undefined, '`delivery.lastCause`')
    }
  })

  rule(
    'a job is held by name of its worker while its handler runs',
    async ({ worker, ...scene }) => {
      const painter = worker()
      const glazer = worker()
      await painter.start()
      const run = await painter.run(await scene.enqueue())
      await glazer.start()
      assert.deepEqual(await scene.places(run.id), ['held'])
      assert.deepEqual(await scene.held(painter), [run.id])
      assert.deepEqual(await scene.held(glazer), [])
    },
  )

  rule('a job that is claimed is in a durable place at every step', async (scene) => {
    const worker = scene.worker()
    const id = await scene.enqueue()
    await scene.neverLost(id, async () => {
      await worker.start()
      await worker.run(id)
    })
  })
}

/** The rule that needs an oracle which reads registrations. */
export function registrationRule(rule: JobSourceRule): void {
  rule('a worker is registered before it claims its first job', async ({ worker, ...scene }) => {
    const { oracle } = scene.bed
    const seen: Promise<readonly string[]>[] = []
    const painter = worker({
      onStarted: () => seen.push(Promise.resolve(oracle.registered?.() ?? [])),
    })
    const id = await scene.enqueue()
    await painter.start()
    await painter.run(id)
    await scene.until(() => seen.length > 0, 'jobStarted()')
    const [registered] = await Promise.all(seen)
    assert.ok(registered?.includes(painter.identity), 'not registered when its first job began')
  })
}
