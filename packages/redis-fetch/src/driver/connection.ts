import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis'

/** Which Redis, Valkey, Sentinel or Cluster to use, in the words of ioredis. */
export interface ConnectionOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. Defaults to 127.0.0.1:6379. */
  readonly url?: string
  /** More options of ioredis: TLS, ACL user, Sentinel, timeouts. */
  readonly redis?: RedisOptions
  /** A Cluster instead. */
  readonly cluster?: { readonly nodes: readonly ClusterNode[]; readonly options?: ClusterOptions }
  /**
   * A client that the application has. It is a template: connections like it are made, because
   * fetching needs options of its own; the client itself is neither used nor closed.
   */
  readonly client?: Redis | Cluster
}

/** Throws a TypeError for a connection that is named twice. */
export function checkConnection(options: ConnectionOptions): ConnectionOptions {
  const { url, redis, cluster, client } = options
  const ways = [url ?? redis, cluster, client].filter((way) => way !== undefined)
  if (ways.length > 1) {
    throw new TypeError('Expected one of `url` (with `redis`), `cluster` and `client`')
  }
  if (url !== undefined && !/^rediss?:\/\//.test(url)) {
    // The URL may hold a password: it is not repeated.
    throw new TypeError('Expected `url` to begin with redis:// or rediss://')
  }
  if (cluster && cluster.nodes.length === 0) {
    throw new TypeError('Expected `cluster.nodes` to name at least one node')
  }
  if (client && typeof client.duplicate !== 'function') {
    throw new TypeError('Expected `client` to be a client of ioredis')
  }
  return {
    ...(url && { url }),
    ...(redis && { redis }),
    ...(cluster && { cluster }),
    ...(client && { client }),
  }
}
