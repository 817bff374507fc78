import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { command } from './command.ts'
import { jobBytes, waiting } from './stored-worker.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`stopped jobs${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, url } = sharedRedis()
  const { run, json } = command()

  for (const state of ['quarantine', 'dead']) {
    describe(`the jobs of ${state}`, () => {
      const args = (prefix: string, ...rest: string[]) => [
        state,
        ...rest,
        '--url',
        url(),
        '--prefix',
        `${state}-${prefix}`,
      ]
      const key = (prefix: string, queue = 'default') => `{${state}-${prefix}/${queue}}:${state}`
      const put = async (prefix: string, ids: readonly string[], queue = 'default') => {
        await raw().command('SADD', `{${state}-${prefix}}:queues`, queue)
        for (const [index, id] of ids.entries()) {
          const error = { name: 'Error', message: 'no\npaint', atEpochMs: 1_700_000_000_000 }
          const more = { queue, interruptions: 3, blamed: 3, cause: 'memory', error }
          const at = 1_700_000_000_000 + index * 1000
          await raw().command('ZADD', key(prefix, queue), at, jobBytes(id, more, { colour: 'red' }))
        }
      }
      const ids = async (prefix: string, queue?: string) =>
        ((await raw().text('ZRANGE', key(prefix, queue), 0, -1)) as string[]).map(
          (bytes) => (JSON.parse(bytes.split('\n')[0] ?? '') as { id: string }).id,
        )

      it('are listed, the newest first', async () => {
        await put('list', ['one', 'two', 'three'])
        await put('list', ['mail'], 'mails')
        const { code, out } = await run(args('list', 'list', '--limit', '3'))
        expect(code).toBe(0)
        const [head, ...rows] = out.trimEnd().split('\n')
        expect(head).toMatch(/^ID +QUEUE +JOB +SINCE +INTERRUPTIONS +FAILURES +WHY$/)
        expect(rows[0]).toMatch(
          /^three +default +paint +2023-11-14T22:13:22Z +3 +0 +Error: no\\u000apaint$/,
        )
        expect(rows).toHaveLength(4)
        expect(rows.at(-1)).toBe('There are more: see --limit')
        const queue = await json(args('list', 'list', '--queue', 'mails'))
        expect(queue.value).toMatchObject({ jobs: [{ id: 'mail', queue: 'mails' }], more: false })
        expect((await run(args('none', 'list'))).out).toBe('None\n')
      })

      it('are shown with their payload', async () => {
        await put('show', ['one'])
        const { code, out } = await run(args('show', 'show', 'one'))
        expect(code).toBe(0)
        expect(out).toMatch(/^id: +one$/m)
        expect(out).toMatch(/^lastCause: +memory$/m)
        expect(out).toMatch(/^error: +Error: no\\u000apaint \(2023-11-14T22:13:20Z\)$/m)
        expect(out.endsWith('\n\n{\n  "colour": "red"\n}\n')).toBe(true)
        const { value } = await json(args('show', 'show', 'one'))
        expect(value).toMatchObject({ id: 'one', state, payload: { colour: 'red' }, blamed: 3 })
        const missing = await run(args('show', 'show', 'nobody'))
        const errors = 'worker-recycler-redis: There is no job nobody\n'
        expect(missing).toEqual({ code: 1, out: '', errors })
        expect(await run(args('show', 'show', 'one', '--queue', 'mails'))).toMatchObject({
          code: 1,
        })
      })

      it('show bytes as base64', async () => {
        await raw().command('SADD', `{${state}-bytes}:queues`, 'default')
        const header = Buffer.from(jobBytes('bin', { binary: true }).split('\n')[0] ?? '')
        const bytes = Buffer.concat([header, Buffer.from([0x0a, 0xff, 0x00])])
        await raw().command('ZADD', key('bytes'), 1, bytes)
        const { value } = await json(args('bytes', 'show', 'bin'))
        expect(value).toMatchObject({ payload: { base64: '/wA=' } })
      })

      it('are released with a clean record', async () => {
        await put('release', ['one', 'two', 'three'])
        const { code, value } = await json(args('release', 'release', 'one', 'nobody', 'three'))
        expect({ code, value }).toEqual({
          code: 1,
          value: { released: ['one', 'three'], missing: ['nobody'] },
        })
        expect(await ids('release')).toEqual(['two'])
        const back = await waiting(raw(), `${state}-release`)
        expect(back).toMatchObject([{ id: 'one' }, { id: 'three' }])
        for (const job of back) expect(job).not.toHaveProperty('interruptions')
        const again = await run(args('release', 'release', 'one'))
        expect(again).toMatchObject({ code: 1, out: '0 released\n' })
      })

      it('are discarded, some or a whole queue', async () => {
        await put('discard', ['one', 'two', 'three'])
        await put('discard', ['mail'], 'mails')
        expect(await run(args('discard', 'discard', 'two'))).toEqual({
          code: 0,
          out: '1 discarded\n',
          errors: '',
        })
        expect(await ids('discard')).toEqual(['one', 'three'])
        const rest = ['discard', '--all', '--queue', 'default', '--yes']
        expect((await run(args('discard', ...rest))).out).toBe('2 discarded\n')
        expect(await ids('discard')).toEqual([])
        expect(await ids('discard', 'mails')).toEqual(['mail'])
        const released = await run(args('discard', 'release', '--all', '--queue', 'mails', '--yes'))
        expect(released.out).toBe('1 released\n')
        expect(await raw().command('LLEN', `{${state}-discard/mails}:wait`)).toBe(1)
      })
    })
  }

  it('of one queue of Sidekiq are told from those of others', async () => {
    const job = (jid: string, queue: string) =>
      JSON.stringify({ class: 'Paint', args: [1], jid, queue, retry: true })
    const ones = [1, job('a', 'default'), 2, job('b', 'mails'), 3, job('c', 'default')]
    await raw().command('SADD', 'sk:queues', 'default', 'mails')
    await raw().command('ZADD', 'sk:interrupted', ...ones)
    const where = ['--url', url(), '--layout', 'sidekiq', '--prefix', 'sk:', '--queue', 'default']
    const { value } = await json(['quarantine', 'list', ...where])
    expect(value).toMatchObject({ jobs: [{ id: 'c' }, { id: 'a' }], more: false })
    expect(await run(['quarantine', 'release', 'b', ...where])).toMatchObject({ code: 1 })
    const all = await json(['quarantine', 'release', '--all', '--yes', ...where])
    expect(all.value).toEqual({ released: ['c', 'a'], missing: [] })
    expect(await raw().text('ZRANGE', 'sk:interrupted', 0, -1)).toEqual([job('b', 'mails')])
  })
})
