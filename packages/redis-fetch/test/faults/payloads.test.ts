import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { faultScene, LAYOUTS, membersOf, ownQueue, untilTrue } from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const { signal } = new AbortController()

/** What no double holds, and what other parsers write differently. */
const EXACT =
  '{"big":9007199254740993,"bigger":-123456789012345678901234567890,"exact":1.10,"e":1E5}'
const BIG = 10 * 1024 * 1024

describe.skipIf(reason)(`payloads${skipped}`, () => {
  const { raw, server } = sharedRedis()

  describe.each(LAYOUTS)('%s layout', (layout) => {
    function stage() {
      const scene = faultScene(raw, layout)
      const connection = { ...scene.storage, url: server().url }
      return { scene, connection, queue: ownQueue({ ...connection, maxInterruptions: 2 }) }
    }
    const only = async (key: string): Promise<Buffer> => {
      await untilTrue(async () => {
        const kind = await raw().text('TYPE', key)
        return (
          kind !== 'none' && (await raw().command(kind === 'list' ? 'LLEN' : 'ZCARD', key)) === 1
        )
      })
      const [bytes] = await membersOf(raw(), key)
      return bytes!
    }

    it('that JavaScript cannot hold keep every digit on all ways', async () => {
      const { scene, connection, queue } = stage()
      const { wait, retry, quarantine } = scene.keys()
      const options = { ...connection, leaseMs: 1000, maxInterruptions: 2 }
      const first = inProcessWorker({ ...options, retries: { baseMs: 1, maxMs: 1 } })
      await first.start()
      const id = await scene.push({ json: EXACT })
      const run = await first.run(id)
      expect(run.job.raw.includes(EXACT)).toBe(true)
      run.fail(new Error('No paint'))
      await first.until(() => first.runs.length === 2)
      expect(first.runs[1]?.job.raw.includes(EXACT), 'after a retry').toBe(true)
      expect(first.runs[1]?.context.delivery.count).toBe(2)
      await first.quiesce()
      await queue.recover({ identity: first.identity, cause: 'crash' })
      expect((await only(wait)).includes(EXACT), 'after a recovery').toBe(true)
      const second = inProcessWorker(options)
      await second.start()
      await second.run(id)
      await second.quiesce()
      await queue.recover({ identity: second.identity, cause: 'crash' })
      expect((await only(quarantine)).includes(EXACT), 'in quarantine').toBe(true)
      expect(await queue.quarantine.release(id)).toBe(true)
      expect((await only(wait)).includes(EXACT), 'after a release').toBe(true)
      const last = inProcessWorker({ ...options, retries: { maxAttempts: 1 } })
      await last.start()
      ;(await last.run(id)).fail(new Error('Still no paint'))
      await last.until(() => last.settled.length === 1)
      expect((await only(scene.keys().dead)).includes(EXACT), 'among the dead').toBe(true)
      expect(await queue.dead.release(id)).toBe(true)
      expect((await last.run(id)).job.raw.includes(EXACT), 'after that').toBe(true)
      expect(await membersOf(raw(), retry)).toEqual([])
    })

    it('of 10 MB are run, fail, are recovered and handed back', async () => {
      const { scene, connection, queue } = stage()
      const json = JSON.stringify(randomBytes(BIG / 2).toString('hex'))
      const options = { ...connection, leaseMs: 1000 }
      const first = inProcessWorker({ ...options, retries: { baseMs: 1, maxMs: 1 } })
      await first.start()
      const written = scene.write({ json })
      await scene.pushBytes(written.bytes)
      const run = await first.run(written.id)
      expect(run.job.raw.equals(written.bytes)).toBe(true)
      const lease = first.lease(written.id)
      await first.quiesce()
      expect(await first.source.handBack(lease, { signal })).toBe('handedBack')
      expect((await only(scene.keys().wait)).equals(written.bytes), 'handed back').toBe(true)
      await first.stop()
      const second = inProcessWorker({ ...options, retries: { baseMs: 1, maxMs: 1 } })
      await second.start()
      ;(await second.run(written.id)).fail(new Error('No paint'))
      await second.until(() => second.runs.length === 2)
      expect(second.runs[1]?.job.raw.includes(json), 'after a retry').toBe(true)
      await second.quiesce()
      const { recovered } = await queue.recover({ identity: second.identity, cause: 'crash' })
      expect(recovered).toHaveLength(1)
      expect((await only(scene.keys().wait)).includes(json), 'after a recovery').toBe(true)
      const third = inProcessWorker({ ...options, auto: true })
      await third.start()
      await third.until(() => third.settled.length === 1)
      expect(await scene.everywhere(third.identity)).toEqual([])
    })

    it('of any kind that JSON has arrive as they were, also none', async () => {
      const { scene, connection, queue } = stage()
      const values = [
        null,
        '',
        0,
        false,
        [],
        {},
        'ä€🎨\u0000\n',
        [null, ['x']],
        { 'no "quotes"': 1 },
      ]
      const worker = inProcessWorker({ ...connection, auto: true, concurrency: 1 })
      const jobs = values.map((value) => ({
        name: 'paint',
        payload: layout === 'native' ? value : [value],
      }))
      await queue.enqueueMany(jobs)
      if (layout === 'native') await queue.enqueue('paint', undefined)
      else await queue.enqueue('paint', [])
      await worker.start()
      await worker.until(() => worker.settled.length === values.length + 1)
      const payloads = worker.runs.map(({ job }) => job.payload)
      expect(payloads).toEqual([
        ...jobs.map(({ payload }) => payload),
        layout === 'native' ? null : [],
      ])
      expect(await scene.everywhere(worker.identity)).toEqual([])
    })

    it('under names of any characters', async () => {
      const { scene, connection, queue } = stage()
      const worker = inProcessWorker({
        ...connection,
        handlers: { 'Überstreichen::日本語 🎨': () => {} },
        queues: ['low:1.x_-', 'default'],
      })
      await worker.start()
      const { id } = await queue.enqueue('Überstreichen::日本語 🎨', [], {
        queue: 'low:1.x_-',
        id: 'a:b.c_-',
      })
      await worker.until(() => worker.settled.length === 1)
      expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
      expect(await scene.everywhere(worker.identity, 'low:1.x_-')).toEqual([])
      expect((await queue.status()).queues.map(({ name }) => name)).toContain('low:1.x_-')
    })
  })

  it('of bytes come as bytes, on all ways', async () => {
    const scene = faultScene(raw, 'native')
    const connection = { ...scene.storage, url: server().url, leaseMs: 1000 }
    const queue = ownQueue(connection)
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))
    const worker = inProcessWorker({ ...connection, retries: { baseMs: 1, maxMs: 1 } })
    await worker.start()
    await queue.enqueue('paint', bytes)
    await queue.enqueue('paint', new Uint8Array())
    await worker.until(() => worker.runs.length === 2)
    worker.runs[0]?.fail(new Error('No paint'))
    worker.runs[1]?.finish()
    await worker.until(() => worker.runs.length === 3)
    await worker.quiesce()
    await queue.recover({ identity: worker.identity, cause: 'memory' })
    const heir = inProcessWorker({ ...connection, auto: true })
    await heir.start()
    await heir.until(() => heir.settled.length === 1)
    const payloads = [...worker.runs, ...heir.runs].map(({ job }) => job.payload)
    expect(payloads).toEqual([bytes, Buffer.alloc(0), bytes, bytes])
  })
})
