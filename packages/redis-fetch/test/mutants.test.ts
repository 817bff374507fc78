import { randomBytes } from 'node:crypto'
import { createIdentity, silentLogger, systemClock } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RawRedis } from '../../../test/redis/raw-redis.ts'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import type { Driver } from '../src/driver/driver.ts'
import { openDriver } from '../src/driver/ioredis-driver.ts'
import { layoutOf } from '../src/layout/layouts.ts'
import { condemn } from '../src/recovery/condemn.ts'
import { recoverWorker } from '../src/recovery/recover-worker.ts'
import { CLAIM } from '../src/scripts/claim.ts'
import { move } from '../src/scripts/move.ts'
import { script } from '../src/scripts/script.ts'

const reason = withoutRedis()

/** What a rule has to try things with. */
interface Bench {
  readonly raw: RawRedis
  readonly fleet: Parameters<typeof condemn>[0]
  readonly wait: string
  readonly quarantine: string
  readonly work: string
  readonly recovering: string
  readonly identity: string
}

const bytesOf = (id: string) =>
  Buffer.from(`${JSON.stringify({ id, name: 'paint', queue: 'q', at: 1 })}\nnull`)
const byNotice = { cause: 'signal', grounds: 'certain', by: 'test' } as const

/** A registered worker that holds some jobs; the lease runs out at that time. */
async function hold(bench: Bench, jobs: number, leaseEndsMs: number): Promise<void> {
  const { raw, fleet, work, identity } = bench
  const register = fleet.layout.fleet
  for (let n = 0; n < jobs; n += 1) await raw.command('LPUSH', work, bytesOf(`job-${n}`))
  await raw.command('ZADD', register.workers, leaseEndsMs, identity)
  await raw.command('HSET', register.worker(identity), 'queues', 'q')
}

const RULES = {
  'a job whose destination takes no jobs stays where it is': async (bench) => {
    const { raw, fleet, wait, work } = bench
    await hold(bench, 1, 1)
    await raw.command('SET', wait, 'no list')
    const moved = await move(fleet.driver, work, [{ bytes: bytesOf('job-0'), to: wait }])
    expect(moved).toEqual([expect.any(Error)])
    expect(await raw.text('LRANGE', work, 0, -1)).toEqual([bytesOf('job-0').toString()])
  },
  'a delayed job whose destination takes no jobs stays where it is': async (bench) => {
    const { raw, fleet, wait, quarantine } = bench
    await raw.command('ZADD', quarantine, 1, bytesOf('job-0'))
    await raw.command('SET', wait, 'no list')
    const moved = await move(fleet.driver, quarantine, [{ bytes: bytesOf('job-0'), to: wait }])
    expect(moved).toEqual([expect.any(Error)])
    expect(await raw.text('ZCARD', quarantine)).toBe(1)
  },
  'what is not in the source is not written': async (bench) => {
    const { raw, fleet, wait, work } = bench
    await hold(bench, 1, 1)
    const once = [{ bytes: bytesOf('job-0'), to: wait }]
    expect(await move(fleet.driver, work, once)).toEqual([true])
    expect(await move(fleet.driver, work, once)).toEqual([false])
    expect(await raw.text('LLEN', wait)).toBe(1)
  },
  'one move takes one job': async (bench) => {
    const { raw, fleet, wait, work } = bench
    await hold(bench, 1, 1)
    await hold(bench, 1, 1)
    await move(fleet.driver, work, [{ bytes: bytesOf('job-0'), to: wait }])
    expect(await raw.text('LLEN', work)).toBe(1)
    expect(await raw.text('LLEN', wait)).toBe(1)
  },
  'nothing is moved while its guard exists': async (bench) => {
    const { raw, fleet, wait, work, quarantine } = bench
    await hold(bench, 1, 1)
    await raw.command('SET', quarantine, 'alive')
    const moves = [{ bytes: bytesOf('job-0'), to: wait }]
    expect(await move(fleet.driver, work, moves, quarantine)).toBe('alive')
    expect(await raw.text('LLEN', work)).toBe(1)
  },
  'a fenced worker can neither claim nor acknowledge': async (bench) => {
    const { raw, fleet, wait, work, recovering, identity } = bench
    await hold(bench, 2, 1)
    await raw.command('LPUSH', wait, bytesOf('later'))
    await condemn(fleet, identity, byNotice)
    await expect(raw.command('LMOVE', wait, work, 'RIGHT', 'LEFT')).rejects.toThrow(/WRONGTYPE/)
    await expect(raw.command('LREM', work, -1, bytesOf('job-0'))).rejects.toThrow(/WRONGTYPE/)
    expect(await raw.text('LLEN', wait)).toBe(1)
    expect(await raw.text('LLEN', recovering)).toBe(2)
    expect(await raw.text('EXISTS', fleet.layout.fleet.fence(identity))).toBe(1)
  },
  'a fence lets nothing be claimed': async (bench) => {
    const { raw, fleet, wait, work, identity } = bench
    await raw.command('LPUSH', wait, bytesOf('later'))
    const fence = fleet.layout.fleet.fence(identity)
    await raw.command('HSET', fence, 'cause', 'unknown')
    const claimed = await fleet.driver.run(CLAIM, [fence, wait, work], ['absent', 1, 1])
    expect(String(claimed)).toBe('FENCED')
    expect(await raw.text('LLEN', wait)).toBe(1)
  },
  'cause and number of jobs stay what they were at first': async (bench) => {
    const { raw, fleet, wait, recovering, identity } = bench
    await hold(bench, 2, 1)
    const first = await condemn(fleet, identity, { ...byNotice, cause: 'memory' })
    await raw.command('LMOVE', recovering, wait, 'RIGHT', 'LEFT')
    const second = await condemn(fleet, identity, { ...byNotice, cause: 'crash' })
    expect(first).toMatchObject({ cause: 'memory', held: 2 })
    expect(second).toEqual(first)
  },
  'who renewed the lease in time is not declared dead': async (bench) => {
    const { raw, fleet, work, identity } = bench
    await hold(bench, 1, Date.now() + 60_000)
    const request = { cause: 'unknown', grounds: 'lease' } as const
    const options = { maxInterruptions: 3, by: 'test' }
    expect(await recoverWorker(fleet, identity, request, options)).toEqual([])
    expect(await raw.text('LLEN', work)).toBe(1)
  },
} satisfies Readonly<Record<string, (bench: Bench) => Promise<void>>>

/** A fault that is put into a script, or into a command beside the scripts. */
interface Mutant {
  /** Of which script, or of which command. */
  readonly of: string
  readonly from: string
  readonly to: string
  /** The rule that finds it. */
  readonly breaks: keyof typeof RULES
}

const MUTANTS: Readonly<Record<string, Mutant>> = {
  'a move that removes the source before the destination is written': {
    of: 'move',
    from: '  if there then\n',
    to: `  if there then
    if kind == 'list' then redis.call('LREM', KEYS[1], 1, ARGV[i])
    else redis.call('ZREM', KEYS[1], ARGV[i]) end\n`,
    breaks: 'a job whose destination takes no jobs stays where it is',
  },
  'a move that does not mind what its destination says': {
    of: 'move',
    from: "if type(put) == 'table' then",
    to: 'if false then',
    breaks: 'a delayed job whose destination takes no jobs stays where it is',
  },
  'a move that does not look whether the job is still there': {
    of: 'move',
    from: '  if there then\n',
    to: '  if true then\n',
    breaks: 'what is not in the source is not written',
  },
  'a move that removes all that look alike': {
    of: 'move',
    from: "'LREM', KEYS[1], 1,",
    to: "'LREM', KEYS[1], 0,",
    breaks: 'one move takes one job',
  },
  'a move that does not mind its guard': {
    of: 'move',
    from: "if ARGV[1] == 'absent'",
    to: "if ARGV[1] == 'never'",
    breaks: 'nothing is moved while its guard exists',
  },
  'a claim that does not look at the fence': {
    of: 'claim',
    from: "if ARGV[1] == 'absent'",
    to: "if ARGV[1] == 'never'",
    breaks: 'a fence lets nothing be claimed',
  },
  'a seal without a tomb': {
    of: 'seal',
    from: "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n",
    to: '',
    breaks: 'a fenced worker can neither claim nor acknowledge',
  },
  'a seal that buries the list': {
    of: 'seal',
    from: "if redis.call('RENAMENX', KEYS[1], KEYS[2]) == 0 then",
    to: 'if false then',
    breaks: 'a fenced worker can neither claim nor acknowledge',
  },
  'a sentence without a fence': {
    of: 'condemn',
    from: "redis.call('PEXPIRE', KEYS[3], ARGV[5])",
    to: "redis.call('DEL', KEYS[3])",
    breaks: 'cause and number of jobs stay what they were at first',
  },
  'a sentence whose cause is the last one': {
    of: 'condemn',
    from: "if not cause or cause == 'unknown' then",
    to: 'if true then',
    breaks: 'cause and number of jobs stay what they were at first',
  },
  'a number of held jobs that is counted anew': {
    of: 'held',
    from: 'HSETNX',
    to: 'HSET',
    breaks: 'cause and number of jobs stay what they were at first',
  },
  'a sentence that does not look at the lease': {
    of: 'condemn',
    from: "if tonumber(deadline) > now then return 'ALIVE' end",
    to: '',
    breaks: 'who renewed the lease in time is not declared dead',
  },
}

/** A driver whose scripts have the fault. */
function mutated(driver: Driver, mutant: Mutant | undefined): Driver {
  if (!mutant) return driver
  const { of, from, to } = mutant
  return {
    ...driver,
    run: (original, keys, args) => {
      if (original.name !== of) return driver.run(original, keys, args)
      if (!original.lua.includes(from)) throw new Error(`${of} has no ${from}`)
      return driver.run(script(of, original.lua.replace(from, to)), keys, args)
    },
  }
}

describe.skipIf(reason)(`scripts with a fault${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()

  /** The rules that do not hold. */
  const failing = async (mutant?: Mutant): Promise<readonly string[]> => {
    const driver = openDriver({ url: redis.url() }, 'test', silentLogger)
    onTestFinished(() => driver.close())
    await driver.ready(new AbortController().signal)
    const failed: string[] = []
    for (const [rule, holds] of Object.entries(RULES)) {
      const layout = layoutOf('native', `t${randomBytes(6).toString('hex')}`)
      const identity = createIdentity()
      const keys = layout.queue('q')
      await holds({
        raw: redis.raw(),
        fleet: {
          driver: mutated(driver, mutant),
          layout,
          clock: systemClock,
          logger: silentLogger,
        },
        wait: keys.wait,
        quarantine: keys.quarantine,
        work: keys.work(identity),
        recovering: keys.recovering(identity),
        identity,
      }).catch(() => failed.push(rule))
    }
    return failed
  }

  it('without one, every rule holds', async () => {
    expect(await failing()).toEqual([])
  })

  it.each(Object.keys(MUTANTS))('%s is found', async (name) => {
    const mutant = MUTANTS[name]
    expect(await failing(mutant)).toContain(mutant?.breaks)
  })
})
