import { Cluster, Redis, type ClusterOptions } from 'ioredis'
import type { ConnectionOptions } from './connection.ts'
import { QuietSentinelConnector } from './sentinel-connector.ts'

/**
 * What every connection of ours needs, whatever the application prefers:
 * a command is sent at once or refused, and never sent again after a lost reply.
 */
const OURS = {
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  enableAutoPipelining: false,
  autoResubscribe: true,
  lazyConnect: true,
  keyPrefix: '',
  // The same replies from either version of ioredis; older ones do not know the option.
  protocol: 2,
  replyMapping: 'legacy',
  // A time limit would give up on a command that the server may still run.
  commandTimeout: undefined,
} as const

const LONGEST_RETRY_MS = 2000

/** Full jitter, so that a fleet does not come back all at once. */
function retryMs(times: number): number {
  return Math.ceil(Math.random() * Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(times, 10)))
}

/**
 * A primary that was deposed takes claims, acknowledgements and jobs for some seconds more, until the
 * sentinels make it a replica, and then forgets them: they are asked to tell at once.
 */
const SENTINELS = {
  failoverDetector: true,
  sentinelRetryStrategy: retryMs,
  sentinelReconnectStrategy: retryMs,
  Connector: QuietSentinelConnector,
}

/** A client of ioredis with our options, not connected yet. */
export function createClient(options: ConnectionOptions, role: string): Redis | Cluster {
  const { url, redis, cluster, client } = options
  const node = { ...OURS, connectionName: `worker-recycler:${role}` }
  const whole: ClusterOptions = {
    enableOfflineQueue: false,
    lazyConnect: true,
    keyPrefix: '',
    clusterRetryStrategy: retryMs,
    // Both would send again what may have been done already.
    retryDelayOnFailover: 0,
    slotsRefreshInterval: 60_000,
    // A replica may not have heard yet of what was claimed, or of a fence.
    scaleReads: 'master',
    // A command waits in no queue until its node comes back: the next one finds the node anew.
    clusterNodeRetryStrategy: null,
  }
  if (client && 'nodes' in client) {
    return client.duplicate([], {
      ...whole,
      redisOptions: { ...client.options.redisOptions, ...node },
    })
  }
  const single = {
    ...node,
    retryStrategy: retryMs,
    ...((client?.options ?? redis)?.sentinels ? SENTINELS : {}),
  }
  if (client) return client.duplicate(single)
  if (cluster) {
    const { nodes, options: given = {} } = cluster
    return new Cluster([...nodes], {
      ...given,
      ...whole,
      redisOptions: { ...given.redisOptions, ...node },
    })
  }
  const merged = { ...redis, ...single }
  return url === undefined ? new Redis({ host: '127.0.0.1', ...merged }) : new Redis(url, merged)
}
