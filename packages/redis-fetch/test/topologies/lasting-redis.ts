import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import type { RedisServer } from '../../../../test/redis/redis-server.ts'

/** Gives the connection to a server; another one after the server has closed it, by a restart or a failover. */
export function lastingRedis(server: Pick<RedisServer, 'raw'>): () => Promise<RawRedis> {
  let open: Promise<RawRedis> | undefined
  const connect = (): Promise<RawRedis> => {
    const made = server.raw()
    void made
      .then(({ closed }) => closed)
      .then(() => {
        if (open === made) open = undefined
      })
    return made
  }
  return () => (open ??= connect())
}
