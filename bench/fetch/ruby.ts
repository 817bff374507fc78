import { fileURLToPath } from 'node:url'
import type { RawRedis } from '../../test/redis/raw-redis.ts'
import { sidekiqJob, startSidekiq } from '../../test/redis/sidekiq.ts'
import { PAYLOAD, type Way } from './load.ts'

const app = fileURLToPath(new URL('fixtures/noop-app.rb', import.meta.url))
const AT_ONCE = 1000

/** Works jobs off with Sidekiq: its own fetch, or the GitLab fetcher's. A process of its own. */
export function ruby(options: {
  readonly url: string
  readonly raw: RawRedis
  readonly concurrency: number
  readonly reliable: boolean
}): Way {
  const { url, raw, concurrency, reliable } = options
  return {
    fill: async (jobs) => {
      for (let start = 0; start < jobs; start += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, jobs - start) }, () =>
          sidekiqJob('NoopJob', [PAYLOAD.pad]),
        )
        await raw.command('LPUSH', 'queue:default', ...some)
      }
    },
    workOff: async (jobs) => {
      const env = { BENCH_JOBS: String(jobs) }
      const sidekiq = await startSidekiq({ url, app, concurrency, reliable, env })
      const line = await sidekiq.untilLine(/^took [\d.]+$/)
      await sidekiq.kill()
      return Number(line.split(' ')[1])
    },
  }
}
