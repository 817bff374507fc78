import { silentLogger } from '@worker-recycler/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyPrefix } from '../../../../test/redis/key-prefix.ts'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { createExchange } from '../../src/claim/exchange.ts'
import type { Command, Driver } from '../../src/driver/driver.ts'
import { openDriver } from '../../src/driver/ioredis-driver.ts'
import { readServerFacts } from '../../src/driver/server-facts.ts'
import { nativeLayout } from '../../src/layout/native.ts'

const reason = withoutRedis()
const identity = 'host:1:abcdef'

/** What Redis 8.10 does, by its documentation, on a server that has only LMOVE. */
const LMOVEM = `local moved = {}
for _ = 1, tonumber(ARGV[1]) do
  local job = redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')
  if not job then break end
  table.insert(moved, 1, job)
end
if #moved == 0 then return false end
return moved`

/** A driver that knows LMOVEM whatever the server. */
function withLmovem(driver: Driver): Driver {
  const translate = (command: Command): Command => {
    const [name, source, destination, from, to, selector, count, order] = command
    if (name !== 'LMOVEM') return command
    expect([from, to, selector, order]).toEqual(['RIGHT', 'LEFT', 'COUNT', 'OBO'])
    return ['EVAL', LMOVEM, 2, source ?? '', destination ?? '', count ?? 0]
  }
  return { ...driver, send: (commands) => driver.send(commands.map(translate)) }
}

describe.skipIf(reason)(`claiming by LMOVEM${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, url } = sharedRedis()
  let driver: Driver
  beforeAll(async () => {
    driver = openDriver({ url: url() }, 'test', silentLogger)
    await driver.ready(new AbortController().signal)
  })
  afterAll(() => driver.close())

  async function exchanger(lmovem: boolean) {
    const layout = nativeLayout(keyPrefix('lmovem').replaceAll(/[^a-z0-9-]/g, ''))
    const keys = layout.queue('default')
    const exchange = createExchange({
      driver: lmovem ? withLmovem(driver) : driver,
      layout,
      identity,
      queues: ['default'],
      turns: () => [{ queue: 'default', limit: 10 }],
      lmovem,
    })
    return { exchange, wait: keys.wait, work: keys.work(identity) }
  }

  it('asks the server whether it has the command', async () => {
    const [known] = (await raw().command('COMMAND', 'INFO', 'LMOVEM')) as unknown[]
    expect((await readServerFacts(driver)).hasLmovem).toBe(Array.isArray(known))
  })

  it.each([false, true])('gives the same jobs in the same order (%s)', async (lmovem) => {
    const { exchange, wait, work } = await exchanger(lmovem)
    await raw().command('LPUSH', wait, 'first', 'second', 'third')
    const { jobs } = await exchange([], 2)
    expect(jobs.map(({ bytes }) => bytes.toString())).toEqual(['first', 'second'])
    expect(await raw().text('LRANGE', work, 0, -1)).toEqual(['second', 'first'])
    expect(await raw().text('LRANGE', wait, 0, -1)).toEqual(['third'])
  })

  it.each([false, true])('gives nothing where there is nothing (%s)', async (lmovem) => {
    const { exchange } = await exchanger(lmovem)
    expect(await exchange([], 3)).toMatchObject({ jobs: [], troubles: [], fenced: false })
  })

  it.each([false, true])('is refused by the tomb of a fenced worker (%s)', async (lmovem) => {
    const { exchange, wait, work } = await exchanger(lmovem)
    await raw().command('LPUSH', wait, 'job')
    await raw().command('SET', work, 'fenced')
    expect(await exchange([], 3)).toMatchObject({ jobs: [], fenced: true })
    expect(await raw().text('LRANGE', wait, 0, -1)).toEqual(['job'])
  })

  it.each([false, true])(
    'reports a queue that is no list, and takes nothing (%s)',
    async (lmovem) => {
      const { exchange, wait } = await exchanger(lmovem)
      await raw().command('SET', wait, 'not a list')
      const { jobs, troubles, fenced } = await exchange([], 3)
      expect({ jobs, fenced, queues: troubles.map(({ queue }) => queue) }).toEqual({
        jobs: [],
        fenced: false,
        queues: ['default'],
      })
    },
  )
})
