import { afterAll, beforeAll } from 'vitest'
import { type RedisCluster, startCluster } from '../../../../test/redis/cluster.ts'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import type { ConnectionOptions } from '../../src/driver/connection.ts'
import { clusterRedis } from './cluster-redis.ts'

/** The cluster of a test file; its members work from the first hook or test on. */
export interface SharedCluster {
  readonly cluster: () => RedisCluster
  /** Finds each key wherever it is. */
  readonly raw: () => RawRedis
  /** How to connect; before there is a cluster, to nothing. */
  readonly server: () => ConnectionOptions
}

/** Starts one cluster for the tests of a file, on disk so that a node may be started again. */
export function sharedCluster(): SharedCluster {
  let shared: { readonly cluster: RedisCluster; readonly raw: RawRedis } | undefined
  beforeAll(async () => {
    if (withoutRedis() !== undefined) return
    const cluster = await startCluster({ args: ['--appendonly', 'yes'] })
    shared = { cluster, raw: clusterRedis(cluster) }
  })
  afterAll(() => shared?.cluster.stop())
  const now = () => {
    if (shared === undefined) throw new Error(withoutRedis() ?? 'the cluster starts in a hook')
    return shared
  }
  return {
    cluster: () => now().cluster,
    raw: () => now().raw,
    server: () => {
      const ports = shared?.cluster.ports ?? [1]
      return { cluster: { nodes: ports.map((port) => ({ host: '127.0.0.1', port })) } }
    },
  }
}
