import { afterAll, beforeAll } from 'vitest'
import type { RawRedis } from './raw-redis.ts'
import { withoutRedis } from './redis-binary.ts'
import { startRedis, type RedisOptions, type RedisServer } from './redis-server.ts'

/** The server of a test file; its members work from the first hook or test on. */
export interface SharedRedis {
  readonly url: () => string
  /** One connection for all tests, of the server's first start. */
  readonly raw: () => RawRedis
  readonly server: () => RedisServer
}

/** Starts one server for the tests of a file, or of a `describe`; stops it after the last. */
export function sharedRedis(options?: RedisOptions): SharedRedis {
  let shared: { readonly server: RedisServer; readonly raw: RawRedis } | undefined
  beforeAll(async () => {
    if (withoutRedis() !== undefined) return
    const server = await startRedis(options)
    shared = { server, raw: await server.raw() }
  })
  afterAll(() => shared?.server.stop())
  const now = () => {
    if (shared === undefined) throw new Error(withoutRedis() ?? 'the server starts in a hook')
    return shared
  }
  return {
    url: () => now().server.url,
    raw: () => now().raw,
    server: () => now().server,
  }
}
