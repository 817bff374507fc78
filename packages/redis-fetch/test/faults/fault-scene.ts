import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { type RawRedis, asText } from '../../../../test/redis/raw-redis.ts'
import { type RedisOptions, startRedis } from '../../../../test/redis/redis-server.ts'
import { startProxy } from '../../../../test/redis/tcp-proxy.ts'
import { turn } from '../../../../test/redis/turn.ts'
import { type RedisQueue, redisQueue, type RedisQueueOptions } from '../../src/redis-queue.ts'
import { CLAIM } from '../../src/scripts/claim.ts'
import { CONDEMN, SEAL } from '../../src/scripts/death.ts'
import { ENQUEUE } from '../../src/scripts/enqueue.ts'
import { MOVE } from '../../src/scripts/move.ts'
import { BEAT, LEAVE, REGISTER, TEND } from '../../src/scripts/registration.ts'
import { nativeKeys, type OracleKeys, redisOracle, sidekiqKeys } from '../redis-oracle.ts'

export type LayoutName = 'native' | 'sidekiq'

/** Both layouts, for `describe.each`. */
export const LAYOUTS: readonly LayoutName[] = ['native', 'sidekiq']

/** Keys that the oracle does not need, spelled out once more. */
interface MoreKeys {
  readonly retry: string
  readonly scheduled: string
  readonly dead: string
  readonly bell: string
  readonly due: string
  readonly fence: (identity: string) => string
}

/** One prefix on a server, seen and fed by raw commands alone. */
export interface FaultScene {
  readonly layout: LayoutName
  readonly prefix: string
  /** To be spread into the options of a worker or a queue. */
  readonly storage: { readonly layout: LayoutName; readonly prefix: string }
  readonly oracle: ReturnType<typeof redisOracle>
  keys(queue?: string): OracleKeys & MoreKeys
  /** The bytes of a new job. */
  write(options?: NewBytes): { readonly id: string; readonly bytes: Buffer }
  /** Adds a job and rings, as a producer does. */
  push(options?: NewBytes): Promise<string>
  /** Adds these bytes and rings. */
  pushBytes(bytes: Buffer | string, queue?: string): Promise<void>
  /** All ids that lie in queues, lists of that worker, and sets of stopped or delayed jobs. */
  everywhere(identity: string, queue?: string): Promise<string[]>
}

interface NewBytes {
  readonly id?: string
  readonly name?: string
  readonly queue?: string
  /** The payload's JSON, as it is; in Sidekiq's layout that of the one argument. */
  readonly json?: string
}

/** Opens a scene on a server: one of its own, unless its name is given. */
export function faultScene(
  raw: () => RawRedis,
  layout: LayoutName,
  name: string = `t${randomUUID().replaceAll('-', '').slice(0, 16)}`,
): FaultScene {
  const native = layout === 'native'
  const prefix = native ? name : `${name}:`
  const ours = native ? `{${prefix}}` : `${prefix}wr`
  const keys = (queue = 'default'): OracleKeys & MoreKeys => ({
    ...(native ? nativeKeys(prefix, queue) : sidekiqKeys(prefix, queue)),
    retry: native ? `{${prefix}/${queue}}:delayed` : `${prefix}retry`,
    scheduled: native ? `{${prefix}/${queue}}:delayed` : `${prefix}schedule`,
    dead: native ? `{${prefix}/${queue}}:dead` : `${prefix}dead`,
    bell: `${ours}:bell:${queue}`,
    due: `${ours}:due`,
    fence: (identity) => `${ours}:fence:${identity}`,
  })
  const write: FaultScene['write'] = ({
    id = randomUUID(),
    name: job = 'paint',
    queue = 'default',
    json = 'null',
  } = {}) => {
    const quoted = { id: JSON.stringify(id), name: JSON.stringify(job) }
    const text = native
      ? `{"id":${quoted.id},"name":${quoted.name},"queue":"${queue}","at":1}\n${json}`
      : `{"retry":true,"queue":"${queue}","class":${quoted.name},"args":[${json}],"jid":${quoted.id},"created_at":1.5,"enqueued_at":1.5}`
    return { id, bytes: Buffer.from(text) }
  }
  const pushBytes = async (bytes: Buffer | string, queue = 'default') => {
    await raw().command('LPUSH', keys(queue).wait, bytes)
    await raw().command('ZADD', keys(queue).bell, 0, '1')
  }
  return {
    layout,
    prefix,
    storage: { layout, prefix },
    oracle: redisOracle(raw, keys()),
    keys,
    write,
    pushBytes,
    push: async (options = {}) => {
      const { id, bytes } = write(options)
      await pushBytes(bytes, options.queue)
      return id
    },
    everywhere: async (identity, queue = 'default') => {
      const { retry, scheduled, dead, quarantine } = keys(queue)
      const { available, held } = redisOracle(raw, keys(queue))
      const sets = await Promise.all(
        [...new Set([retry, scheduled, dead, quarantine])].map(async (key) => {
          const members = await raw().text('ZRANGE', key, 0, -1)
          return (members as string[]).map((each) => /"j?id":"([^"]+)"/.exec(each)?.[1] ?? each)
        }),
      )
      return [...(await available()), ...(await held(identity)), ...sets.flat()].toSorted()
    },
  }
}

/** A server of the test's own. */
export async function ownServer(options?: RedisOptions) {
  const server = await startRedis(options)
  onTestFinished(() => server.stop())
  const raw = await server.raw()
  return { server, raw }
}

/** A proxy of the test's own. */
export async function ownProxy(port: number) {
  const proxy = await startProxy({ port })
  onTestFinished(() => proxy.stop())
  return { proxy, url: `redis://127.0.0.1:${proxy.port}` }
}

/** A producer's and operator's side that the end of the test closes. */
export function ownQueue(options: RedisQueueOptions): RedisQueue {
  const queue = redisQueue(options)
  onTestFinished(() => queue.close())
  return queue
}

/** A request that has all of these words, in any case. */
export function sends(...words: readonly string[]): (bytes: Buffer) => boolean {
  return (bytes) => {
    const text = bytes.toString('latin1').toLowerCase()
    return words.every((word) => text.includes(word.toLowerCase()))
  }
}

/** What a promise is rejected with; to be asked for before that can happen. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It was not rejected')
}

/** Makes the server know all scripts, so that the first reply of one is that of the work. */
export async function loadScripts(raw: RawRedis): Promise<void> {
  for (const { lua } of [CLAIM, CONDEMN, SEAL, MOVE, ENQUEUE, BEAT, LEAVE, REGISTER, TEND]) {
    await raw.command('SCRIPT', 'LOAD', lua)
  }
}

/** Asks a server again and again until it says what is waited for; the test's timeout bounds it. */
export async function untilTrue(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await turn()
}

/** All members of a list or sorted set, as bytes. */
export async function membersOf(raw: RawRedis, key: string): Promise<Buffer[]> {
  const kind = await raw.text('TYPE', key)
  if (kind === 'none') return []
  const reply = await raw.command(kind === 'list' ? 'LRANGE' : 'ZRANGE', key, 0, -1)
  return (reply as Buffer[]).map((each) =>
    Buffer.isBuffer(each) ? each : Buffer.from(String(asText(each))),
  )
}
