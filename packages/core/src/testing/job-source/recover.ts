import assert from 'node:assert/strict'
import { createIdentity, parseIdentity } from '../../identity.ts'
import type { DeathCause } from '../../ledger/death.ts'
import { abortedSignal, ended, within } from '../patience.ts'
import type { JobSourceRule } from './rule.ts'
import type { Scene } from './scene.ts'
import type { SuiteWorker } from './suite-worker.ts'

/** A worker that recovers, and takes no jobs itself. */
export async function rescuer(scene: Scene): Promise<SuiteWorker> {
  const worker = scene.worker()
  await worker.start()
  await worker.quiesce()
  return worker
}

/** Lets a new worker take up the job and die over it. */
async function interrupt(scene: Scene, by: SuiteWorker, id: string, cause: DeathCause) {
  const dead = scene.worker()
  await dead.start()
  await dead.run(id)
  await scene.abandon(dead)
  return by.recover({ identity: dead.identity, cause })
}

/** The delivery that the next worker sees. */
async function nextDelivery(scene: Scene, id: string) {
  const next = scene.worker()
  await next.start()
  const { context } = await next.run(id)
  return context.delivery
}

/** Rules on putting back what dead workers held. */
export function recoverRules(rule: JobSourceRule): void {
  rule(
    'recover() by identity puts back what the dead worker held, and reports it',
    async (scene) => {
      const by = await rescuer(scene)
      const dead = scene.worker({ concurrency: 2 })
      await dead.start()
      const paint = await dead.run(await scene.enqueue('paint'))
      const glaze = await dead.run(await scene.enqueue('glaze'))
      await scene.abandon(dead)
      const { recovered } = await by.recover({ identity: dead.identity, cause: 'signal' })
      assert.deepEqual(
        recovered.map((job) => ({ ...job })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        [glaze, paint].map(({ id, name }) => ({ id, name, from: dead.identity, to: 'queue' })),
      )
      for (const { id } of [paint, glaze]) assert.deepEqual(await scene.places(id), ['available'])
    },
  )

  rule(
    'recover() by invocation finds the worker by the last part of its identity',
    async (scene) => {
      const by = await rescuer(scene)
      const dead = scene.worker()
      await dead.start()
      const { id } = await dead.run(await scene.enqueue())
      await scene.abandon(dead)
      const invocation = parseIdentity(dead.identity)?.invocation ?? ''
      const { recovered } = await by.recover({ invocation, cause: 'signal' })
      assert.deepEqual(
        recovered.map((job) => job.id),
        [id],
      )
      assert.deepEqual(await scene.places(id), ['available'])
    },
  )

  rule('recover() needs no start()', async (scene) => {
    const dead = scene.worker()
    await dead.start()
    const { id } = await dead.run(await scene.enqueue())
    await scene.abandon(dead)
    const successor = scene.worker()
    await successor.recover({ identity: dead.identity, cause: 'signal' })
    assert.deepEqual(await scene.places(id), ['available'])
  })

  rule('a job is in a durable place at every step of its recovery', async (scene) => {
    const by = await rescuer(scene)
    const id = await scene.enqueue()
    await scene.neverLost(id, async () => {
      await interrupt(scene, by, id, 'signal')
    })
  })

  rule('recover() a second time finds nothing, and adds nothing', async (scene) => {
    const by = await rescuer(scene)
    const dead = scene.worker()
    await dead.start()
    const { id } = await dead.run(await scene.enqueue())
    await scene.abandon(dead)
    await by.recover({ identity: dead.identity, cause: 'signal' })
    const second = await by.recover({ identity: dead.identity, cause: 'signal' })
    assert.deepEqual(second.recovered, [])
    assert.deepEqual(await scene.places(id), ['available'])
    assert.equal((await nextDelivery(scene, id)).interruptions, 1, '`delivery.interruptions`')
  })

  rule('two recoveries at once move each job once', async (scene) => {
    const by = [await rescuer(scene), await rescuer(scene)]
    const dead = scene.worker({ concurrency: 5 })
    await dead.start()
    const ids = await scene.enqueueMany(5)
    for (const id of ids) await dead.run(id)
    await scene.abandon(dead)
    const request = { identity: dead.identity, cause: 'signal' } as const
    const reports = await Promise.all(by.map((each) => each.recover(request)))
    const moved = reports.flatMap(({ recovered }) => recovered.map(({ id }) => id))
    assert.deepEqual(moved.toSorted(), ids.toSorted(), 'jobs reported')
    assert.deepEqual((await scene.available()).toSorted(), ids.toSorted(), 'jobs available')
  })

  rule('the next delivery tells of the interruption and its cause', async (scene) => {
    const by = await rescuer(scene)
    const id = await scene.enqueue()
    await interrupt(scene, by, id, 'memory')
    const delivery = await nextDelivery(scene, id)
    assert.equal(delivery.count, 2, '`delivery.count`')
    assert.equal(delivery.interruptions, 1, '`delivery.interruptions`')
    assert.equal(delivery.lastCause, 'memory', '`delivery.lastCause`')
  })

  rule('a death without a known cause counts as an interruption', async (scene) => {
    const by = await rescuer(scene)
    const dead = scene.worker()
    await dead.start()
    const { id } = await dead.run(await scene.enqueue())
    await scene.abandon(dead)
    await by.recover({ identity: dead.identity })
    const delivery = await nextDelivery(scene, id)
    assert.equal(delivery.interruptions, 1, '`delivery.interruptions`')
    assert.equal(delivery.lastCause, 'unknown', '`delivery.lastCause`')
  })

  for (const cause of ['recycle', 'stop'] as const) {
    rule(`the cause ${cause} never counts as an interruption`, async (scene) => {
      const by = await rescuer(scene)
      const id = await scene.enqueue()
      await interrupt(scene, by, id, cause)
      assert.equal((await nextDelivery(scene, id)).interruptions, 0, '`delivery.interruptions`')
    })
  }

  rule('interruptions add up, and a hand-back between them takes none away', async (scene) => {
    const by = await rescuer(scene)
    const id = await scene.enqueue()
    await interrupt(scene, by, id, 'signal')
    const draining = scene.worker()
    await draining.start()
    await draining.run(id)
    await draining.quiesce()
    await draining.handBack(draining.lease(id))
    await interrupt(scene, by, id, 'crash')
    const delivery = await nextDelivery(scene, id)
    assert.equal(delivery.interruptions, 2, '`delivery.interruptions`')
    assert.equal(delivery.lastCause, 'crash', '`delivery.lastCause`')
  })

  rule('a job interrupted again and again is where the report says', async (scene) => {
    const by = await rescuer(scene)
    const id = await scene.enqueue()
    for (let round = 0; round < 5; round += 1) {
      const { recovered } = await interrupt(scene, by, id, 'crash')
      const [job] = recovered
      assert.equal(job?.id, id, 'the job reported')
      const quarantined = scene.bed.oracle.quarantined ? ['quarantined'] : []
      assert.deepEqual(await scene.places(id), job.to === 'queue' ? ['available'] : quarantined)
      if (job.to === 'quarantine') return
    }
  })

  rule('recover() with an aborted signal ends promptly, and loses no job', async (scene) => {
    const by = await rescuer(scene)
    const dead = scene.worker()
    await dead.start()
    const { id } = await dead.run(await scene.enqueue())
    await scene.abandon(dead)
    const request = { identity: dead.identity, cause: 'signal' } as const
    const call = by.source.recover?.(request, { signal: abortedSignal() })
    await within(ended(Promise.resolve(call)), 'recover() to end', scene.patience)
    const places = await scene.places(id)
    assert.ok(places.length === 1 && places[0] !== 'completed', `places: ${places.join(', ')}`)
  })

  rule('recover() leaves alone the jobs of workers that live', async (scene) => {
    const by = await rescuer(scene)
    const living = scene.worker()
    await living.start()
    const run = await living.run(await scene.enqueue())
    for (const request of [{}, { identity: createIdentity() }, { invocation: 'c0ffee00' }]) {
      assert.deepEqual((await by.recover(request)).recovered, [])
    }
    assert.deepEqual(await scene.places(run.id), ['held'])
    run.finish()
    assert.equal(await living.outcome(run.id), 'completed')
  })
}

/** The rule that needs a test bed which can make a death provable. */
export function sweepRule(rule: JobSourceRule): void {
  rule('recover() without a name puts back what provably dead workers held', async (scene) => {
    const by = await rescuer(scene)
    const dead = scene.worker()
    await dead.start()
    const { id } = await dead.run(await scene.enqueue())
    await scene.abandon(dead)
    await scene.bed.expire?.(dead.identity)
    const { recovered } = await by.recover({})
    assert.deepEqual(
      recovered.map((job) => [job.id, job.from]),
      [[id, dead.identity]],
    )
    assert.deepEqual(await scene.places(id), ['available'])
  })
}
