import { contextOf, recoverWorker } from '@worker-recycler/bullmq-adapter'
import { parseIdentity } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { versions } from './bullmq-versions.ts'
import { killedWorkers } from './killed-worker.ts'
import { calm, holding, queueScene, type QueueScene } from './queue-scene.ts'

const reason = withoutRedis()

async function add(scene: QueueScene, count: number): Promise<readonly string[]> {
  const jobs = Array.from({ length: count }, () => ({ name: 'paint', data: {} }))
  return (await scene.queue.addBulk(jobs)).map(({ id }) => id ?? '')
}

describe.skipIf(reason)(`recovery${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const spawn = killedWorkers()
  const six = versions['BullMQ 6']
  const fixture = ({ prefix, connection }: QueueScene, settings = {}) => ({
    prefix,
    connection,
    settings,
  })

  it('after SIGKILL the death notice puts every job back, in order, and another worker runs them', async () => {
    const scene = queueScene(six, redis)
    const ids = await add(scene, 3)
    const dead = await spawn(fixture(scene, { concurrency: 3 }), 3)
    await dead.kill()
    const { recovered } = await recoverWorker(scene.queue, {
      identity: dead.identity,
      cause: 'signal',
    })
    expect(recovered.map(({ id, to }) => [id, to])).toEqual(
      ids.toReversed().map((id) => [id, 'queue']),
    )
    expect(await scene.list('wait')).toEqual(ids.toReversed())
    for (const id of ids) {
      expect(await scene.field(id, 'stc')).toBeNull()
      expect(await scene.field(id, 'atm')).toBeOneOf([null, '0'])
    }
    const heir = await scene.start(async () => 'done')
    for (const id of ids) expect(await heir.outcome(id)).toBe('completed')
  })

  it('does not touch what a living worker holds', async () => {
    const scene = queueScene(six, redis)
    const held = holding()
    const living = await scene.start(held.processor)
    const [mine = ''] = await add(scene, 1)
    await held.entered(mine)
    const [theirs = ''] = await add(scene, 1)
    const dead = await spawn(fixture(scene), 1)
    await dead.kill()
    const before = await redis.raw().text('GET', `${scene.prefix}:paint:${mine}:lock`)
    const invocation = parseIdentity(dead.identity)?.invocation ?? ''
    const { recovered } = await recoverWorker(scene.queue, { invocation, cause: 'memory' })
    expect(recovered.map(({ id }) => id)).toEqual([theirs])
    expect(await redis.raw().text('GET', `${scene.prefix}:paint:${mine}:lock`)).toBe(before)
    held.finish(mine)
    expect(await living.outcome(mine)).toBe('completed')
  })

  it('a process that is asked to stop hands back jobs that ignore it, and leaves in time', async () => {
    const scene = queueScene(six, redis)
    const ids = await add(scene, 2)
    const leaving = await spawn({ ...fixture(scene, { concurrency: 2 }), budgetMs: 1500 }, 2)
    expect(await leaving.stop()).toBe(0)
    expect(await scene.list('wait')).toEqual(ids.toReversed())
    for (const id of ids) expect(await scene.field(id, 'ats')).toBe('0')
    const again = await recoverWorker(scene.queue, { identity: leaving.identity })
    expect(again.recovered).toEqual([])
  })

  it('a death for no fault of the job leaves no trace on it', async () => {
    const scene = queueScene(six, redis)
    const [id = ''] = await add(scene, 1)
    const dead = await spawn(fixture(scene), 1)
    await dead.kill()
    await recoverWorker(scene.queue, { identity: dead.identity, cause: 'stop' })
    expect(await scene.field(id, 'ats')).toBe('0')
    expect(await scene.field(id, 'worker-recycler')).toBeNull()
  })

  it('a death without a notice is left to the stalled check, which shows as an interruption', async () => {
    const scene = queueScene(six, redis)
    const [id = ''] = await add(scene, 1)
    const dead = await spawn(fixture(scene, { lockDuration: 200, stalledInterval: 100 }), 1)
    await dead.kill()
    let seen: unknown
    const heir = await scene.start(
      async (job) => {
        seen = contextOf(job).delivery
      },
      { stalledInterval: 100 },
    )
    expect(await heir.source.recover?.({}, calm())).toEqual({ recovered: [] })
    expect(await heir.outcome(id)).toBe('completed')
    expect(seen).toEqual({ count: 2, interruptions: 1 })
  })

  for (const [version, bullmq] of Object.entries(versions)) {
    it(`with ${version}, a job that kills its worker alone for its memory again is failed, and can be retried`, async () => {
      const scene = queueScene(bullmq, redis)
      const [id = ''] = await add(scene, 1)
      const places: string[] = []
      for (let death = 0; death < 2; death += 1) {
        const held = holding()
        const doomed = await scene.start(held.processor)
        await held.entered(id)
        const { recovered } = await recoverWorker(scene.queue, {
          identity: doomed.identity,
          cause: 'memory',
        })
        places.push(...recovered.map(({ to }) => to))
        await doomed.quiesce()
      }
      expect(places).toEqual(['queue', 'quarantine'])
      let runs = 0
      const heir = await scene.start(async () => void (runs += 1))
      const failed = new Promise((resolve) => heir.worker.once('failed', resolve))
      await failed
      expect(runs).toBe(0)
      const job = await scene.queue.getJob(id)
      expect(job?.failedReason).toContain('interrupted its worker 2 times, last by memory')
      await job?.retry()
      expect(await heir.outcome(id)).toBe('completed')
      expect(runs).toBe(1)
    })
  }

  it('a suspect runs alone: nothing else of the process begins beside it', async () => {
    const scene = queueScene(six, redis)
    const [id = ''] = await add(scene, 1)
    const first = holding()
    const doomed = await scene.start(first.processor)
    await first.entered(id)
    await doomed.quiesce()
    await recoverWorker(scene.queue, { identity: doomed.identity, cause: 'memory' })
    let running = 0
    let beside = 0
    const heir = await scene.start(
      async (job) => {
        running += 1
        await job.updateProgress(1)
        if (job.id === id || beside > 0) beside = Math.max(beside, job.id === id ? running : beside)
        running -= 1
      },
      { concurrency: 4 },
    )
    const others = await add(scene, 6)
    for (const each of [id, ...others]) expect(await heir.outcome(each)).toBe('completed')
    expect(beside).toBe(1)
  })

  for (const [decision, outcome, failure] of [
    ['skip', 'completed', ''],
    ['fail', 'failed', 'rescue strategy is `fail`'],
    ['hold', 'failed', 'rescue strategy is `hold`'],
  ] as const) {
    it(`the rescue strategy ${decision} keeps an interrupted job from running again`, async () => {
      const scene = queueScene(six, redis)
      const job = await scene.queue.add('paint', {}, { attempts: decision === 'hold' ? 5 : 1 })
      const id = job.id ?? ''
      const held = holding()
      const doomed = await scene.start(held.processor)
      await held.entered(id)
      await doomed.quiesce()
      await recoverWorker(scene.queue, { identity: doomed.identity, cause: 'crash' })
      let runs = 0
      const heir = await scene.start(
        async () => void (runs += 1),
        {},
        { rescue: { default: decision } },
      )
      expect(await heir.outcome(id)).toBe(outcome)
      expect(runs).toBe(0)
      expect((await scene.queue.getJob(id))?.failedReason ?? '').toContain(failure)
    })
  }
})
