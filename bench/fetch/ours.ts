import { createRecycler } from '@worker-recycler/core'
import { redisFetch, type RedisFetch, redisQueue } from '@worker-recycler/redis-fetch'
import { sourceContext, unhurried } from '../redis/source-context.ts'
import { countdown, PAYLOAD, type Way } from './load.ts'

/** Which of our ways. */
export interface OursOptions {
  readonly url: string
  readonly concurrency: number
  readonly layout?: 'native' | 'sidekiq'
  /** The queues that are asked; the jobs are in the last of them. Defaults to one. */
  readonly queues?: readonly string[]
  /** True to run under a recycler with all its defaults. Defaults to false. */
  readonly recycler?: boolean
}

/** Works jobs off with `redisFetch`. */
export function ours(options: OursOptions): Way {
  const { url, concurrency, layout = 'native', queues = ['default'] } = options
  const queue = queues.at(-1) ?? ''
  const payload = layout === 'sidekiq' ? [PAYLOAD.pad] : PAYLOAD
  return {
    fill: async (jobs) => {
      const producer = redisQueue({ url, layout })
      await producer.enqueueMany(
        Array.from({ length: jobs }, () => ({ name: 'noop', payload, queue })),
      )
      await producer.close()
    },
    workOff: async (jobs) => {
      const { begin, tick, done } = countdown(jobs)
      const noop = async () => {
        begin()
        // A recycler does not tell of each job's end.
        if (options.recycler) tick()
      }
      const source = redisFetch({
        url,
        layout,
        queues,
        concurrency,
        // From the sources, a thread spends the first second with compiling them.
        heartbeat: 'loop',
        handlers: { noop },
      })
      const stop = await (options.recycler ? recycled(source) : plain(source, tick))
      const tookMs = await done
      await stop()
      return tookMs
    },
  }
}

async function plain(source: RedisFetch, tick: () => void): Promise<() => Promise<void>> {
  await source.start(sourceContext(tick), unhurried)
  return () => source.stop(unhurried)
}

async function recycled(source: RedisFetch): Promise<() => Promise<void>> {
  const recycler = createRecycler({ source })
  await recycler.start()
  return () => recycler.stop()
}
