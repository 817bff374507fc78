import { createHash } from 'node:crypto'
import { bullmqSource, contextOf } from '@worker-recycler/bullmq-adapter'
import type { JobSource } from '@worker-recycler/core'
import type { JobSourceTestBed } from '@worker-recycler/core/testing'
import type { Worker, WorkerOptions } from 'bullmq'
import type { RawRedis } from '../../../test/redis/raw-redis.ts'
import { bullmqOracle } from './bullmq-oracle.ts'
import type { Bullmq } from './bullmq-versions.ts'

/** A storage of the contract suite: a queue of BullMQ under a prefix of its own. */
export function bullmqBed(
  { Worker, Queue }: Bullmq,
  server: { readonly raw: () => RawRedis; readonly port: () => number | undefined },
  scope: string,
  settings: Partial<WorkerOptions> = {},
): JobSourceTestBed {
  const prefix = `t${createHash('sha1').update(scope).digest('hex').slice(0, 16)}`
  const connection = () => ({ host: '127.0.0.1', port: server.port() ?? 1 })
  const workers: Worker[] = []
  const oracle = bullmqOracle(server.raw, `${prefix}:paint`)
  const queue = () => new Queue('paint', { prefix, connection: connection() })
  let producer: ReturnType<typeof queue> | undefined

  return {
    oracle,
    source: ({ handlers, concurrency }): JobSource => {
      const worker = new Worker(
        'paint',
        async (job, _token, signal) => {
          const { deadline, delivery } = contextOf(job)
          const handler = job.name === 'paint' ? handlers.paint : handlers.glaze
          const payload: unknown = job.data
          // BullMQ's own signal, as a processor has it.
          const own = signal ?? AbortSignal.abort()
          await handler({ id: job.id ?? '', payload }, { signal: own, deadline, delivery })
        },
        { prefix, connection: connection(), concurrency, ...settings },
      )
      workers.push(worker)
      const source = bullmqSource(worker)
      // Made to be asked what it supports, before there is a server.
      if (server.port() === undefined) void worker.close(true)
      return source
    },
    enqueue: async (name, payload) => {
      producer ??= queue()
      return (await producer.add(name, payload)).id ?? ''
    },
    tearDown: async () => {
      await Promise.all([producer?.close(), ...workers.map((worker) => worker.close(true))])
    },
  }
}
