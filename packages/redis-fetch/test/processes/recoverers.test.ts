import { once } from 'node:events'
import type { RecoveredJob, RecoverRequest } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { startProxy } from '../../../../test/redis/tcp-proxy.ts'
import { MOVE } from '../../src/scripts/move.ts'
import { startChild } from './child-worker.ts'
import { everyJob, historyOf } from './every-job.ts'
import { fixturePrograms } from './programs.ts'
import { LAYOUTS, testFleet, type TestFleet } from './test-fleet.ts'

const reason = withoutRedis()

/** Starts a process that recovers when it is told; resolves when it is connected. */
async function startRecoverer(program: string, fleet: TestFleet, url = fleet.storage.url) {
  const { child, exited } = startChild(program, { ...fleet.storage, url })
  await once(child, 'message')
  return {
    begin: (request: RecoverRequest) => void child.send(request),
    recover: async (request: RecoverRequest): Promise<readonly RecoveredJob[]> => {
      child.send(request)
      const [recovered] = (await once(child, 'message')) as [readonly RecoveredJob[]]
      return recovered
    },
    kill: () => {
      child.kill('SIGKILL')
      return exited
    },
  }
}

/** A dead worker that held so many jobs; gives its identity and their ids. */
async function deadWorker(fleet: TestFleet, jobs: number) {
  const worker = await fleet.start({ concurrency: jobs })
  const ids = await fleet.enqueue(Array.from({ length: jobs }, () => ({ do: 'hold' })))
  await fleet.log.until(() => fleet.log.ids('run').size === jobs)
  await worker.kill()
  expect(await fleet.oracle.held(worker.identity)).toHaveLength(jobs)
  return { identity: worker.identity, ids: ids.toSorted() }
}

describe.skipIf(reason)(`recoverers${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const program = fixturePrograms()

  it.each(LAYOUTS)('%s: four race for one worker: each job is put back by one', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const { raw, prefix, keys, oracle } = fleet
    const { identity, ids } = await deadWorker(fleet, 250)
    const starting = Array.from({ length: 4 }, () => startRecoverer(program('recoverer'), fleet))
    const recoverers = await Promise.all(starting)
    const reports = await Promise.all(
      recoverers.map(({ recover }) => recover({ identity, cause: 'signal' })),
    )
    expect(
      reports
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids)
    expect((await oracle.available()).toSorted()).toEqual(ids)
    const places = await everyJob(raw, prefix)
    expect([...places.keys()]).toEqual([keys.wait])
    const histories = [...places.values()].flat().map(historyOf)
    expect(histories).toEqual(
      histories.map(({ id }) => {
        return { id, interruptions: 1, blamed: 1, cause: 'signal', suspect: false }
      }),
    )
    expect(await oracle.registered()).toEqual([])
  })

  it.each(LAYOUTS)('%s: the next finishes what a killed one began, as it began', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const { raw, prefix, keys, oracle } = fleet
    // 201: what the second portion leaves is one job, which was not alone.
    const { identity, ids } = await deadWorker(fleet, 201)
    await raw.command('SCRIPT', 'LOAD', MOVE.lua)
    const proxy = await startProxy(redis.server())
    onTestFinished(() => proxy.stop())
    const first = await startRecoverer(
      program('recoverer'),
      fleet,
      `redis://127.0.0.1:${proxy.port}`,
    )
    let moves = 0
    proxy.holdRepliesWhen((request) => request.includes(MOVE.sha1) && (moves += 1) === 2)
    const moved = proxy.onReplyLost()
    first.begin({ identity, cause: 'memory' })
    await moved
    await first.kill()
    expect(await oracle.held(identity)).toHaveLength(1)
    expect(await oracle.available()).toHaveLength(200)
    expect(await oracle.registered()).toEqual([identity])

    const second = await startRecoverer(program('recoverer'), fleet)
    expect(await second.recover({ identity, cause: 'signal' })).toHaveLength(1)
    const places = await everyJob(raw, prefix)
    expect([...places.keys()]).toEqual([keys.suspects])
    expect((await oracle.available()).toSorted()).toEqual(ids)
    const histories = [...places.values()].flat().map(historyOf)
    expect(histories).toEqual(
      histories.map(({ id }) => {
        return { id, interruptions: 1, blamed: 0, cause: 'memory', suspect: true }
      }),
    )
    expect(await oracle.registered()).toEqual([])
  })
})
