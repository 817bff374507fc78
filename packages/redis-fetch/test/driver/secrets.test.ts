import { inspect } from 'node:util'
import { type Logger, silentLogger } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { startRedis } from '../../../../test/redis/redis-server.ts'
import { openDriver } from '../../src/driver/ioredis-driver.ts'
import { MOVE } from '../../src/scripts/move.ts'

const reason = withoutRedis()
const { signal } = new AbortController()

/** All that a logger could write of something. */
const whole = (value: unknown) => inspect(value, { depth: 20, showHidden: true })

describe.skipIf(reason)(`an error of the server${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const stage = async () => {
    const server = await startRedis({ password: 'right-password' })
    onTestFinished(() => server.stop())
    const logged: unknown[] = []
    const keep = (...line: unknown[]) => void logged.push(line)
    const logger: Logger = { ...silentLogger, debug: keep, info: keep, warn: keep, error: keep }
    const open = (password: string) => {
      const driver = openDriver(
        { url: `redis://127.0.0.1:${server.port}`, redis: { password } },
        'test',
        logger,
      )
      onTestFinished(() => driver.close())
      return driver
    }
    return { open, logged }
  }

  it('has no payload in it', async () => {
    const { open } = await stage()
    const driver = open('right-password')
    await driver.ready(signal)
    await driver.send([['SET', 'text', '1']])
    const [refused] = await driver.send([['LPUSH', 'text', 'top-secret']])
    expect(whole(refused)).toMatch(/WRONGTYPE/)
    expect(whole(refused)).not.toContain('top-secret')
    const failed = { ...MOVE, lua: "return redis.call('LPUSH', KEYS[1], ARGV[1])", sha1: 'none' }
    const error: unknown = await driver
      .run(failed, ['text'], ['top-secret'])
      .catch((each: unknown) => each)
    expect(whole(error)).toMatch(/WRONGTYPE/)
    expect(whole(error)).not.toContain('top-secret')
  })

  it('has no password in it, nor has what is logged', async () => {
    const { open, logged } = await stage()
    const error: unknown = await open('wrong-password')
      .ready(signal)
      .catch((each: unknown) => each)
    expect(error).toMatchObject({ code: 'STORAGE_UNFIT' })
    expect(logged.length).toBeGreaterThan(0)
    expect(whole([error, logged])).not.toContain('wrong-password')
  })
})
