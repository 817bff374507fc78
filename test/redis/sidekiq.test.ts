import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from './redis-binary.ts'
import { startRedis } from './redis-server.ts'
import {
  echoApp,
  sidekiqJob,
  startSidekiq,
  withoutSidekiq,
  type SidekiqOptions,
} from './sidekiq.ts'

const reason = withoutRedis() ?? withoutSidekiq()

describe.skipIf(reason)(`the Ruby peer${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const setUp = async (jobs: readonly string[]) => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const raw = await redis.raw()
    for (const job of jobs) await raw.command('LPUSH', 'queue:default', job)
    const start = async (options?: Partial<SidekiqOptions>) => {
      const sidekiq = await startSidekiq({ url: redis.url, app: echoApp, ...options })
      onTestFinished(async () => void (await sidekiq.kill()))
      await sidekiq.ready
      return sidekiq
    }
    return { raw, start }
  }

  it.each([
    { name: 'its own fetch', options: {} },
    { name: 'the reliable fetch', options: { reliable: true } },
    { name: 'the semi-reliable fetch', options: { reliable: true, semi: true } },
  ])('runs a job with $name', async ({ options }) => {
    const { raw, start } = await setUp([sidekiqJob('EchoJob', ['hello'])])
    const sidekiq = await start(options)
    await sidekiq.untilLine(/^echo hello$/)
    await sidekiq.stop()
    expect(await sidekiq.exited).toEqual({ code: 0, signal: null })
    expect(await raw.command('LLEN', 'queue:default')).toBe(0)
    expect(await raw.command('KEYS', 'working:*')).toEqual([])
  })

  it('leaves the job of a kill in its working queue', async () => {
    const job = sidekiqJob('EndlessJob', ['hello'])
    const { raw, start } = await setUp([job])
    const sidekiq = await start({ reliable: true })
    await sidekiq.untilLine(/^endless hello$/)
    await sidekiq.kill()
    const [key = ''] = (await raw.text('KEYS', 'working:queue:default:*')) as string[]
    expect(key).toMatch(new RegExp(`:${sidekiq.pid}:[0-9a-f]{12}$`))
    expect(await raw.text('LRANGE', key, 0, -1)).toEqual([job])
  })

  it('puts the job of a stop back, and counts the interruption', async () => {
    const { raw, start } = await setUp([sidekiqJob('EndlessJob', ['hello'])])
    const sidekiq = await start({ reliable: true, timeout: 1 })
    await sidekiq.untilLine(/^endless hello$/)
    await sidekiq.stop()
    const jobs = (await raw.text('LRANGE', 'queue:default', 0, -1)) as string[]
    expect(jobs.map((each) => JSON.parse(each).interrupted_count)).toEqual([1])
  })
})
