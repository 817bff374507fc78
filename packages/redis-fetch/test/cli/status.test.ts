import { systemClock } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { startRedis } from '../../../../test/redis/redis-server.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { startProxy } from '../../../../test/redis/tcp-proxy.ts'
import { watch } from '../../src/cli/watch.ts'
import { command } from './command.ts'
import { jobBytes, serverNow, storeWorker } from './stored-worker.ts'

const reason = withoutRedis()
const LIVE = 'web-1:4711:aaaaaaaaaaaa'
const LOST = 'web-2:4712:bbbbbbbbbbbb'

describe.skipIf(reason)(`status${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, server, url } = sharedRedis()
  const { start, run, json } = command()
  const status = (prefix: string) => ['status', '--url', url(), '--prefix', prefix]

  /** A worker that runs two jobs, one that died with one, and jobs in every place. */
  const populate = async (prefix: string) => {
    const nowMs = await serverNow(raw())
    const state = { phase: 'leaving', rssBytes: 182 << 20, jobs: { one: nowMs - 3_725_000 } }
    const live = { prefix, identity: LIVE, jobs: ['one', 'two'], leaseMs: 3_600_000, state }
    await storeWorker(raw(), live)
    await storeWorker(raw(), { prefix, identity: LOST, jobs: ['three'], leaseMs: -5000 })
    await raw().command('SET', `{${prefix}}:keeper`, LIVE)
    await raw().command('SADD', `{${prefix}}:queues`, 'mails')
    const own = `{${prefix}/default}`
    await raw().command('LPUSH', `${own}:wait`, jobBytes('a'), jobBytes('b'))
    await raw().command('LPUSH', `${own}:suspects`, jobBytes('c'))
    await raw().command('ZADD', `${own}:delayed`, nowMs, jobBytes('d'))
    await raw().command('ZADD', `${own}:dead`, nowMs, jobBytes('e'))
    await raw().command('ZADD', `${own}:quarantine`, 1, jobBytes('f'), 2, jobBytes('g'))
  }

  it('shows queues, workers, their jobs, orphans, keeper and quarantine', async () => {
    await populate('table')
    const { code, out, errors } = await run(status('table'))
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    const lines = out.split('\n').map((line) => line.trim().split(/ {2,}/))
    expect(lines.slice(0, 3)).toEqual([
      ['QUEUE', 'WAITING', 'ALONE', 'RUNNING', 'DELAYED', 'DEAD', 'QUARANTINE'],
      ['default', '2', '1', '3', '1', '1', '2'],
      ['mails', '0', '0', '0', '0', '0', '0'],
    ])
    const worker = (identity: string) => lines.find(([first]) => first === identity)
    expect(worker(LIVE)?.slice(1, 5)).toEqual(['leaving', '2 of 5', '182 MiB', '1 min 5 s'])
    expect(worker(LIVE)?.slice(6)).toEqual(['default'])
    expect(worker(LOST)?.slice(1, 4)).toEqual(['lost', '1 of 5', '-'])
    expect(worker(LOST)?.[5]).toBe('over')
    const jobs = lines.filter(([name]) => name === 'paint')
    expect(jobs.map(([, id]) => id)).toEqual(['three', 'two', 'one'])
    expect(jobs[2]?.slice(2)).toEqual(['default', expect.stringMatching(/^1 h 2 min$/)])
    expect(out).toContain(`Keeper: ${LIVE}\n`)
    expect(out).toContain('Orphans: 1 lost, 0 recovering\n')
    expect(out).toContain('Quarantine: 2; see worker-recycler-redis quarantine list\n')
  })

  it('gives the same to programs', async () => {
    await populate('json')
    const { code, value } = await json(status('json'))
    expect(code).toBe(0)
    expect(value).toMatchObject({
      atEpochMs: expect.any(Number),
      layout: 'native',
      queues: [
        { name: 'default', waiting: 2, suspects: 1, held: 3, scheduled: 1, dead: 1, quarantine: 2 },
        { name: 'mails', waiting: 0 },
      ],
      workers: expect.arrayContaining([
        expect.objectContaining({ identity: LOST, state: 'lost', host: 'web-2', pid: 4712 }),
        expect.objectContaining({ identity: LIVE, state: 'leaving', rssBytes: 182 << 20 }),
      ]),
      keeper: LIVE,
      orphans: [LOST],
      quarantine: 2,
      shared: [],
    })
  })

  it('says that there is nothing', async () => {
    const { out } = await run(status('empty'))
    expect(out).toContain('No queue exists')
    expect(out).toContain('No worker is registered')
    expect(out).toContain('Keeper: none')
    expect(out).toContain('Orphans: none\nQuarantine: empty\n')
  })

  it('counts what queues of Sidekiq share once', async () => {
    await raw().command('SADD', 'shared:queues', 'default', 'mails')
    await raw().command('ZADD', 'shared:interrupted', 1, '{"jid":"a","class":"A","args":[]}')
    const args = ['status', '--url', url(), '--layout', 'sidekiq', '--prefix', 'shared:']
    const { out } = await run(args)
    expect(out).toMatch(/^QUEUE +WAITING +ALONE +RUNNING\n/)
    expect(out).toContain('All queues together: 0 delayed, 0 retry, 0 dead, 1 quarantine\n')
    expect(out).toContain('Quarantine: 1;')
    const { value } = await json(args)
    expect(value).toMatchObject({
      layout: 'sidekiq',
      quarantine: 1,
      shared: ['scheduled', 'retry', 'dead', 'quarantine'],
    })
  })

  it('lets no name control the terminal', async () => {
    const bytes = jobBytes('x\u001b]0;y\u0007', { name: 'a\u001b[31m\nb' })
    await storeWorker(raw(), { prefix: 'evil', identity: LIVE, jobs: [], leaseMs: 60_000 })
    await raw().command('LPUSH', `{evil/default}:work:${LIVE}`, bytes)
    const { out } = await run(status('evil'))
    expect(out).toContain(String.raw`a\u001b[31m\u000ab`)
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  it('watches until it is interrupted, also while the server is away', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const args = ['status', '--watch', '--interval', '20ms', '--url', redis.url]
    const { child, until, ended } = start(args)
    await until(/QUEUE|No queue exists/)
    await redis.kill()
    await until(/^The .*: connect ECONNREFUSED .*; trying again$/m)
    await redis.restart()
    const back = await redis.raw()
    await back.command('SADD', '{wr}:queues', 'default')
    await until(/^default +0/m)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 0, errors: '' })
  })

  it('watches with a line of JSON each time, until nobody reads it', async () => {
    const { child, until, ended } = start([
      ...status('lines'),
      '--watch',
      '--interval',
      '5ms',
      '--json',
    ])
    await until(/\n\{.*\n\{.*\n/)
    child.stdout?.destroy()
    expect(await ended).toMatchObject({ code: 0, errors: '' })
  })

  it('is interrupted while a server keeps silent, and gives up in time', async () => {
    const proxy = await startProxy(server())
    onTestFinished(() => proxy.stop())
    proxy.holdRepliesWhen((bytes) => bytes.includes('SMEMBERS'))
    const args = ['status', '--url', `redis://127.0.0.1:${proxy.port}`]
    const interrupted = start([...args, '--timeout', '10m'])
    await proxy.onReplyLost()
    interrupted.child.kill('SIGINT')
    const sentence = 'worker-recycler-redis: Interrupted\n'
    expect(await interrupted.ended).toEqual({ code: 1, out: '', errors: sentence })
    const late = await run([...args, '--timeout', '1s'])
    expect(late.code).toBe(1)
    expect(late.errors).toContain('The server did not answer within 1 s')
  })
})

it('a watch redraws what fits into the terminal in its place, and leaves it as it was', async () => {
  const interrupt = new AbortController()
  const written: string[] = []
  const output = {
    screen: () => ({ columns: 7, rows: 4 }),
    write: async (text: string) => {
      written.push(text)
      if (written.length === 3) interrupt.abort()
      return true
    },
    json: async () => true,
    tell: async () => {},
    hide: () => {},
  }
  const frames = ['one\ntwo is long\n', 'a\nb\nc\nd\n']
  const context = { output, signal: interrupt.signal, clock: systemClock }
  await watch(context, 1, async () => frames.shift() ?? '')
  expect(written).toEqual([
    '\u001b[?25l\u001b[2J',
    '\u001b[Hone\u001b[K\ntwo is\u001b[K\n\u001b[J',
    '\u001b[Ha\u001b[K\nb\u001b[K\n… 2 mo\u001b[K\n\u001b[J',
    '\u001b[?25h',
  ])
})
