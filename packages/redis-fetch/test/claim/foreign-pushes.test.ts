import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { faultScene, ownServer } from '../faults/fault-scene.ts'
import { inProcessWorker } from '../faults/in-process-worker.ts'
import { redisMonitor } from '../processes/redis-monitor.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`pushes that ring no bell${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('wake an idle worker again and again, without a beat', async () => {
    const { server, raw } = await ownServer()
    const scene = faultScene(() => raw, 'sidekiq')
    // Its clock stands still: nothing but the server can wake the worker.
    const clock = fakeClock()
    const worker = inProcessWorker({ ...scene.storage, url: server.url, clock, auto: true })
    const monitor = await redisMonitor(server)
    // It has looked, found nothing, and has the server watch its queue.
    const listens = () =>
      monitor.until((line) => /"EXISTS"/i.test(line) && line.includes(scene.keys().wait))
    let listening = listens()
    await worker.start()
    for (let round = 1; round <= 3; round += 1) {
      await listening
      listening = listens()
      const { id, bytes } = scene.write()
      await raw.command('LPUSH', scene.keys().wait, bytes)
      await worker.until(() => worker.settled.length === round)
      expect(worker.settled.at(-1)).toEqual({ id, outcome: 'completed' })
    }
  })
})
