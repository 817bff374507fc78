import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { withoutSidekiq } from '../../../../test/redis/sidekiq.ts'
import { membersOf, untilTrue } from '../faults/fault-scene.ts'
import { inProcessWorker } from '../faults/in-process-worker.ts'
import { rubyFleet } from './ruby-fleet.ts'

const reason = withoutRedis() ?? withoutSidekiq()
const skipped = reason ? ` (skipped: ${reason})` : ''

/** A worker whose jobs are named as Ruby's class is. */
function painter(url: string) {
  const ran: { readonly id: string; readonly payload: unknown }[] = []
  const worker = inProcessWorker({
    url,
    layout: 'sidekiq',
    leaseMs: 1000,
    retries: { baseMs: 0, maxMs: 0 },
    handlers: {
      Paint: ({ id, payload }) => {
        ran.push({ id, payload })
      },
    },
  })
  return { ran, worker }
}

describe.skipIf(reason)(`jobs of Ruby's client${skipped}`, () => {
  it('are run here, whether they came before or after this worker began to wait', async () => {
    const { url, client, raw } = await rubyFleet()
    const args = '1, "ä\\u2028", nil, 9007199254740993, { "a" => [1.5] }'
    const first = client(`puts Paint.perform_async(${args})`)
    const { ran, worker } = painter(url)
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    const second = client('puts Paint.perform_async')
    await worker.until(() => worker.settled.length === 2)
    expect(ran).toEqual([
      { id: first, payload: [1, 'ä\u2028', null, 9007199254740992, { a: [1.5] }] },
      { id: second, payload: [] },
    ])
    expect(worker.settled.map(({ outcome }) => outcome)).toEqual(['completed', 'completed'])
    expect(await raw.text('KEYS', 'working:*')).toEqual([])
  })

  it('are promoted here when they are due', async () => {
    const { url, client, raw } = await rubyFleet()
    const { ran, worker } = painter(url)
    await worker.start()
    const soon = client('puts Paint.perform_in(0.5, "soon")')
    const never = client('puts Paint.perform_in(100_000, "never")')
    await worker.until(() => worker.settled.length === 1)
    expect(ran).toEqual([{ id: soon, payload: ['soon'] }])
    const [left, ...more] = await membersOf(raw, 'schedule')
    expect(JSON.parse(String(left))).toMatchObject({ jid: never })
    expect(more).toEqual([])
  })

  it('fail here, are shown by Ruby, and run again', async () => {
    const { url, client, raw } = await rubyFleet()
    const worker = inProcessWorker({
      url,
      layout: 'sidekiq',
      retries: { baseMs: 1e9, maxMs: 1e9 },
    })
    await worker.start()
    client('Sidekiq::Client.push("class" => "paint", "args" => [1])')
    await worker.until(() => worker.runs.length === 1)
    worker.runs[0]?.fail(new RangeError('No paint'))
    await worker.until(() => worker.settled.length === 1)
    const shown = client(
      'job = Sidekiq::RetrySet.new.first; puts job.jid, job["error_class"], job["retry_count"], job.at > Time.now',
    )
    expect(shown).toBe(`${worker.runs[0]?.job.id}\nRangeError\n0\ntrue`)
    client('Sidekiq::RetrySet.new.first.retry')
    await worker.until(() => worker.runs.length === 2)
    worker.runs[1]?.finish()
    await worker.until(() => worker.settled.length === 2)
    expect(await membersOf(raw, 'retry')).toEqual([])
  })
})

describe.skipIf(reason)(`jobs that are enqueued here${skipped}`, () => {
  it('are run by Ruby, at once and when they are due', async () => {
    const { queue, log, ruby, raw } = await rubyFleet()
    const payload = [{ do: 'work', ms: 0 }]
    const jobs = [
      { name: 'Paint', payload },
      { name: 'Paint', payload, delayMs: 1 },
      { name: 'Paint', payload, id: 'mona-lisa' },
    ]
    const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id)
    const worker = await ruby()
    await log.until(() => log.ids('done').size === 3)
    expect(new Set(log.lines('done').map(({ by }) => by))).toEqual(new Set([worker.identity]))
    expect([...log.ids('done')].toSorted()).toEqual(ids.toSorted())
    await worker.stop()
    expect(await raw.text('KEYS', 'working:*')).toEqual([])
    expect(await membersOf(raw, 'schedule')).toEqual([])
  })

  it('are run by Ruby after they failed here', async () => {
    const { queue, log, ruby, url, raw } = await rubyFleet()
    const worker = inProcessWorker({
      url,
      layout: 'sidekiq',
      retries: { baseMs: 0, maxMs: 0 },
      handlers: { Paint: () => Promise.reject(new Error('No paint')) },
    })
    await worker.start()
    const payload = [{ do: 'work', ms: 0 }]
    const { id } = await queue.enqueue('Paint', payload)
    await worker.until(() => worker.settled.length === 1)
    await worker.stop()
    expect(
      (await membersOf(raw, 'retry')).length + (await membersOf(raw, 'queue:default')).length,
    ).toBe(1)
    await ruby()
    await log.until(() => log.ids('done').has(id))
  })

  it('fail in Ruby, and run here again', async () => {
    const { queue, log, ruby, url, raw } = await rubyFleet()
    const { id } = await queue.enqueue('Paint', [{ do: 'fail' }])
    const peer = await ruby()
    await log.until(() => log.ids('run').has(id))
    await untilTrue(async () => (await membersOf(raw, 'retry')).length === 1)
    await peer.stop()
    const { ran, worker } = painter(url)
    // Ruby gives it a quarter of a minute; that is not what is tried here.
    const [bytes] = await membersOf(raw, 'retry')
    await raw.command('ZADD', 'retry', 1, bytes!)
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    expect(ran).toEqual([{ id, payload: [{ do: 'fail' }] }])
  })
})
