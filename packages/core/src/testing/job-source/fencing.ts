import assert from 'node:assert/strict'
import { rescuer } from './recover.ts'
import type { JobSourceRule } from './rule.ts'
import type { Scene } from './scene.ts'

/** A worker declared dead that still runs: its job is back in the queue. */
async function fence(scene: Scene) {
  const by = await rescuer(scene)
  const late = scene.worker()
  await late.start()
  const run = await late.run(await scene.enqueue())
  const lease = late.lease(run.id)
  // It fetches no more, so that what is seen below is done by its late job alone.
  await late.quiesce()
  await by.recover({ identity: late.identity, cause: 'unknown' })
  const noticed = () =>
    scene.until(
      () => late.settled.length > 0 || late.failures.length > 0,
      'jobSettled() or failed() of the fenced worker',
    )
  return { late, run, lease, noticed }
}

/** Rules on workers that were declared dead and are not. */
export function fencingRules(rule: JobSourceRule): void {
  for (const end of ['completion', 'failure'] as const) {
    rule(`the late ${end} of a fenced worker changes nothing`, async (scene) => {
      const { run, noticed } = await fence(scene)
      if (end === 'completion') run.finish()
      else run.fail(new Error('Too late'))
      await noticed()
      assert.deepEqual(await scene.places(run.id), ['available'])
      const heir = scene.worker({ auto: true })
      await heir.start()
      assert.equal(await heir.outcome(run.id), 'completed')
    })
  }

  rule('a late job is settled as fenced, or its worker as failed', async (scene) => {
    const { late, run, noticed } = await fence(scene)
    run.finish()
    await noticed()
    const outcomes = late.settled.map(({ outcome }) => outcome)
    if (late.failures.length === 0) assert.deepEqual(outcomes, ['fenced'])
    else assert.ok(!outcomes.includes('completed'), 'a fenced job was settled as completed')
  })

  rule('handBack() by a fenced worker says fenced, and adds no copy', async (scene) => {
    const { late, run, lease } = await fence(scene)
    assert.equal(await late.handBack(lease), 'fenced')
    assert.deepEqual(await scene.places(run.id), ['available'])
  })

  rule('a fenced worker claims nothing more', async (scene) => {
    const by = await rescuer(scene)
    const late = scene.worker({ auto: true, concurrency: 5 })
    await late.start()
    await late.outcome(await scene.enqueue())
    await by.recover({ identity: late.identity, cause: 'unknown' })
    const ids = await scene.enqueueMany(5)
    const heir = scene.worker({ auto: true })
    await heir.start()
    const runs = () => [...late.runs.slice(1), ...heir.runs].map(({ id }) => id)
    await scene.until(() => runs().length === ids.length, 'all later jobs to be run')
    assert.deepEqual(heir.runs.map(({ id }) => id).toSorted(), ids.toSorted())
  })
}
