import { onTestFinished } from 'vitest'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import type { RedisServer } from '../../../../test/redis/redis-server.ts'
import { type SentinelSet, startSentinelSet } from '../../../../test/redis/sentinel.ts'
import { startProxy, type TcpProxy } from '../../../../test/redis/tcp-proxy.ts'
import type { RedisQueue } from '../../src/redis-queue.ts'
import { type FaultScene, faultScene, ownQueue, untilTrue } from '../faults/fault-scene.ts'
import {
  type InProcessOptions,
  type InProcessWorker,
  inProcessWorker,
} from '../faults/in-process-worker.ts'
import { lastingRedis } from './lasting-redis.ts'

/** A fleet that finds its primary by sentinels, each of them behind a proxy. */
export interface SentinelScene {
  readonly set: SentinelSet
  readonly proxies: readonly TcpProxy[]
  /** As the first primary sees it. */
  readonly before: FaultScene & { readonly raw: RawRedis }
  /** As the server sees it that becomes the primary. */
  readonly after: FaultScene & { readonly raw: RawRedis }
  readonly worker: (options?: InProcessOptions) => InProcessWorker
  readonly queue: () => RedisQueue
  /** Resolves when the replica has all that the primary has. */
  readonly replicated: () => Promise<void>
  /** From now on the replica hears of nothing any more, and is promoted as it is. */
  readonly sever: () => Promise<void>
}

/** A connection that is made anew after a sentinel has promoted the server, which closes all. */
function lasting(server: RedisServer): RawRedis {
  const open = lastingRedis(server)
  return {
    command: async (...args) => (await open()).command(...args),
    pipeline: async (commands) => (await open()).pipeline(commands),
    text: async (...args) => (await open()).text(...args),
    onMessage: () => {
      throw new Error('this connection may be another one soon')
    },
    closed: new Promise(() => {}),
    close: async () => (await open()).close(),
  }
}

/** Starts a set of servers for one test. */
export async function sentinelScene(): Promise<SentinelScene> {
  const set = await startSentinelSet()
  onTestFinished(() => set.stop())
  const proxies = await Promise.all(set.sentinels.map((sentinel) => startProxy(sentinel)))
  onTestFinished(async () => void (await Promise.all(proxies.map((proxy) => proxy.stop()))))
  const primary = await set.primary().raw()
  const replica = lasting(set.replica())
  const scene = faultScene(() => primary, 'native')
  const storage = {
    ...scene.storage,
    redis: {
      name: set.name,
      sentinels: proxies.map(({ host, port }) => ({ host, port })),
      // Else it would learn where they are without the proxies.
      updateSentinels: false,
    },
  }
  return {
    set,
    proxies,
    before: { ...scene, raw: primary },
    after: { ...faultScene(() => replica, 'native', scene.prefix), raw: replica },
    worker: (options = {}) => inProcessWorker({ ...storage, ...options }),
    queue: () => ownQueue(storage),
    replicated: () => untilTrue(async () => (await primary.command('WAIT', 1, 0)) === 1),
    sever: async () => {
      await primary.command('ACL', 'SETUSER', 'default', '-psync', '-sync', '-replconf')
      await primary.command('CLIENT', 'KILL', 'TYPE', 'REPLICA')
    },
  }
}
