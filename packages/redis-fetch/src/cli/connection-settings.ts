import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from '../driver/connection.ts'
import type { CommandContext } from './command.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import { Mistake } from './mistake.ts'
import { hostPortOf } from './option-value.ts'
import { readServerUrl } from './server-url.ts'

type Given = Pick<CommandContext, 'values' | 'env' | 'output'>

/** Where the server is, by options and environment. Defaults to 127.0.0.1:6379. */
export function readConnection(context: Given): ConnectionOptions {
  const { values } = context
  const { sentinel, cluster, url, 'url-file': file } = values
  const ways = [url ?? file, sentinel, cluster].filter((way) => way !== undefined)
  if (ways.length > 1 || (url !== undefined && file !== undefined)) {
    throw new Mistake('Give one of --url, --url-file, --sentinel and --cluster')
  }
  if ((sentinel === undefined) !== (values['sentinel-name'] === undefined)) {
    throw new Mistake('--sentinel and --sentinel-name belong together')
  }
  const credentials = readCredentials(context)
  const tls = readTls(context)
  if (cluster) {
    const nodes = cluster.map((text) => hostPortOf('--cluster', text))
    return { cluster: { nodes, options: { redisOptions: { ...credentials, ...tls } } } }
  }
  if (sentinel) return sentinelConnection(context, credentials)
  return singleConnection(context, { ...credentials, ...tls })
}

function sentinelConnection(context: Given, credentials: Credentials): ConnectionOptions {
  const { sentinel = [], 'sentinel-name': name = '' } = context.values
  const own = readCredentials(context, 'REDIS_SENTINEL')
  const { tls } = readTls(context)
  return {
    redis: {
      ...credentials,
      sentinels: sentinel.map((text) => hostPortOf('--sentinel', text)),
      name,
      ...(own.username && { sentinelUsername: own.username }),
      ...(own.password && { sentinelPassword: own.password }),
      ...(tls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    },
  }
}

function singleConnection(
  context: Given,
  redis: Credentials & { readonly tls?: { readonly ca?: Buffer } },
): ConnectionOptions {
  const url = readServerUrl(context)
  if (!url) return { redis }
  if (url.password !== '') {
    const { username: _1, password: _2, ...rest } = redis
    return { url: url.href, redis: rest }
  }
  // ioredis takes an empty password from a URL that has a user alone.
  const username = decodeURIComponent(url.username) || redis.username
  url.username = ''
  return { url: url.href, redis: { ...redis, ...(username && { username }) } }
}

function readTls({ values }: Given): { readonly tls?: { readonly ca?: Buffer } } {
  const file = values['tls-ca']
  if (file === undefined) return values.tls ? { tls: {} } : {}
  try {
    return { tls: { ca: readFileSync(file) } }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new Mistake(`--tls-ca: ${file} cannot be read (${code})`)
  }
}
