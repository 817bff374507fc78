import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { startRedis, type RedisOptions } from '../../../../test/redis/redis-server.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { command } from './command.ts'
import { jobBytes, serverNow, waiting } from './stored-worker.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`on a real server${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, url } = sharedRedis()
  const { run, json } = command()

  describe('enqueue', () => {
    const enqueue = (prefix: string, ...rest: string[]) => [
      'enqueue',
      ...rest,
      '--url',
      url(),
      '--prefix',
      prefix,
    ]

    it('adds a job, and prints its id', async () => {
      const { code, out } = await run(enqueue('add', 'paint', '{"to":["Ada"]}'))
      expect(code).toBe(0)
      const [job] = (await raw().text('LRANGE', '{add/default}:wait', 0, -1)) as string[]
      const [header = '', payload] = (job ?? '').split('\n')
      expect(JSON.parse(header)).toMatchObject({ id: out.trim(), name: 'paint', queue: 'default' })
      expect(payload).toBe('{"to":["Ada"]}')
    })

    it('delays, takes a queue and an id, and refuses the id the second time', async () => {
      const args = enqueue('later', 'paint', '--queue', 'mails', '--delay', '1h', '--id', 'once')
      expect(await json(args)).toEqual({ code: 0, value: { id: 'once', outcome: 'enqueued' } })
      const delayed = await raw().text('ZRANGE', '{later/mails}:delayed', 0, -1, 'WITHSCORES')
      const [, score] = delayed as [string, string]
      const inMs = Number(score) - (await serverNow(raw()))
      expect(inMs).toBeGreaterThan(3_000_000)
      expect(inMs).toBeLessThanOrEqual(3_600_000)
      const again = await run(args)
      expect(again).toMatchObject({ code: 0, out: 'once is there already: nothing was enqueued\n' })
    })

    it('writes what Sidekiq reads', async () => {
      const args = enqueue('sk:', 'Paint', '[1,"a"]', '--layout', 'sidekiq')
      expect(await run(args)).toMatchObject({ code: 0 })
      const [job = ''] = (await raw().text('LRANGE', 'sk:queue:default', 0, -1)) as string[]
      expect(JSON.parse(job)).toMatchObject({ class: 'Paint', args: [1, 'a'], queue: 'default' })
    })
  })

  it('adopt leaves alone what was touched a moment ago, and puts back what was not', async () => {
    const own = await startRedis({ args: ['--enable-debug-command', 'yes'] })
    onTestFinished(() => own.stop())
    const direct = await own.raw()
    const stranger = '{wr/default}:work:web-1:4711:abcdefabcdef'
    await direct.command('SADD', '{wr}:queues', 'default')
    await direct.command('LPUSH', stranger, jobBytes('one'))
    const args = ['adopt', '--url', own.url]
    expect(await run(args)).toEqual({ code: 0, out: 'Nothing to recover\n', errors: '' })
    const [dump] = await direct.pipeline([['DUMP', stranger]])
    await direct.command('RESTORE', stranger, 0, dump as Buffer, 'REPLACE', 'IDLETIME', 3600)
    expect(await json(args)).toEqual({
      code: 0,
      value: {
        recovered: [{ id: 'one', name: 'paint', from: 'web-1:4711:abcdefabcdef', to: 'queue' }],
      },
    })
    expect(await waiting(direct, 'wr')).toMatchObject([{ id: 'one', interruptions: 1 }])
  })

  describe('doctor', () => {
    const doctor = async (options: RedisOptions, as = '') => {
      const server = await startRedis(options)
      onTestFinished(() => server.stop())
      const env = { REDIS_URL: server.url.replace('redis://', `redis://${as}`) }
      return { text: await run(['doctor'], env), report: await json(['doctor'], env) }
    }

    it('finds nothing', async () => {
      const { text, report } = await doctor({})
      expect(text).toMatchObject({ code: 0, errors: '' })
      const lines = text.out.trimEnd().split('\n')
      expect(lines).toHaveLength(5)
      for (const line of lines) expect(line).toMatch(/^ok {5}[A-Z].*\.$/)
      expect(report).toMatchObject({
        code: 0,
        value: { ok: true, layout: 'native', servers: [{ role: 'primary' }], findings: [] },
      })
    })

    it('ends with 1 when jobs are not safe, and says how to mend it', async () => {
      const args = ['--maxmemory', '1gb', '--maxmemory-policy', 'allkeys-lru']
      const { text, report } = await doctor({ args })
      expect(text.code).toBe(1)
      expect(text.out).toMatch(/^error {2}When its memory is full .*`CONFIG SET maxmemory-policy/m)
      expect(text.out).not.toMatch(/^ok.*memory/m)
      const findings = [{ code: 'eviction', severity: 'error', message: expect.any(String) }]
      expect(report).toMatchObject({ code: 1, value: { ok: false, findings } })
    })

    it('warns of what may become an error, with 0', async () => {
      const { text } = await doctor({ args: ['--maxmemory-policy', 'allkeys-lru'] })
      expect(text.code).toBe(0)
      expect(text.out).toMatch(/^warn {3}Once somebody sets `maxmemory`/m)
    })

    it('names the rules that an ACL user lacks', async () => {
      const acl = ['worker on >secret ~* &* +@all -lmove']
      const { text, report } = await doctor({ acl }, 'worker:secret@')
      expect(text.code).toBe(1)
      expect(text.out).toMatch(/^error {2}.*`ACL SETUSER worker \+lmove`/m)
      expect(text.out).not.toMatch(/^ok.*ACL/m)
      expect(report.value).toMatchObject({ findings: [{ code: 'permissions' }] })
    })
  })
})
