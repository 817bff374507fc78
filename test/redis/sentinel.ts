import { freePort } from './free-port.ts'
import { asText } from './raw-redis.ts'
import { startRedis, type RedisServer } from './redis-server.ts'
import { RedisError } from './resp.ts'
import { turn } from './turn.ts'

const NAME = 'main'
const SENTINELS = 3

/** A primary, a replica of it, and three sentinels that watch both. */
export interface SentinelSet {
  /** What the sentinels call the primary. */
  readonly name: 'main'
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** The server that is the primary now, as the first sentinel says. */
  primary(): RedisServer
  /** The other one. */
  replica(): RedisServer
  /** Resolves when all sentinels have told, after this call, of another primary. */
  switched(): Promise<void>
  /**
   * Makes the replica the primary; resolves when all sentinels say so. The old one takes writes until
   * they make it a replica, which they do some ten seconds later.
   */
  failover(): Promise<void>
  stop(): Promise<void>
}

/** Starts the set; resolves when everybody knows everybody. */
export async function startSentinelSet(): Promise<SentinelSet> {
  // Without this a replica waits five seconds for others to copy along with.
  const args = ['--repl-diskless-sync-delay', '0']
  const first = await startRedis({ args })
  const second = await startRedis({ args: [...args, '--replicaof', first.host, `${first.port}`] })
  await first.untilLine(/Synchronization with replica .* succeeded/)
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, () => startSentinel(first.port)),
  )
  for (const sentinel of sentinels) {
    await sentinel.untilLine(new RegExp(`\\+slave slave ${first.host}:${second.port} `))
    for (const { port } of sentinels.filter((other) => other !== sentinel)) {
      await sentinel.untilLine(new RegExp(`\\+sentinel sentinel \\S+ ${first.host} ${port} `))
    }
  }
  await Promise.all(sentinels.map((sentinel) => knowsReplica(sentinel)))
  const news = await Promise.all(sentinels.map(switchNews))
  const command = await sentinels[0]!.raw()
  const isFirst = () => [0, first.port].includes(news[0]!.primaryPort())
  const switched = async () => void (await Promise.all(news.map((each) => each.next())))

  return {
    name: NAME,
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    primary: () => (isFirst() ? first : second),
    replica: () => (isFirst() ? second : first),
    switched,
    failover: async () => {
      const done = switched()
      // There is no news of when a sentinel has heard enough of a replica to promote it.
      for (;;) {
        const [reply] = await command.pipeline([['SENTINEL', 'FAILOVER', NAME]])
        if (!(reply instanceof RedisError)) break
        if (!/^(NOGOODSLAVE|INPROG)/.test(reply.message)) throw reply
        await turn()
      }
      await done
    },
    stop: async () => {
      await Promise.all([...sentinels, first, second].map((server) => server.stop()))
    },
  }
}

async function startSentinel(primaryPort: number): Promise<RedisServer> {
  const port = await freePort()
  return startRedis({
    port,
    config: [
      `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2`,
      `sentinel down-after-milliseconds ${NAME} 2000`,
      `sentinel failover-timeout ${NAME} 5000`,
      `sentinel parallel-syncs ${NAME} 1`,
    ],
    args: ['--sentinel'],
  })
}

/** Waits until a sentinel has heard of the replica's state, without which it would not promote it. */
async function knowsReplica(sentinel: RedisServer): Promise<void> {
  const raw = await sentinel.raw()
  let known = false
  while (!known) {
    await turn()
    const replicas = asText(await raw.command('SENTINEL', 'REPLICAS', NAME)) as string[][]
    known = replicas.some((fields) => fields[fields.indexOf('master-link-status') + 1] === 'ok')
  }
  await raw.close()
}

/** What a sentinel tells of new primaries; the port is 0 before the first. */
async function switchNews(sentinel: RedisServer) {
  const subscriber = await sentinel.raw()
  let port = 0
  const waiting = new Set<() => void>()
  subscriber.onMessage((message) => {
    const [, , text] = asText(message) as string[]
    port = Number(text?.split(' ')[4])
    for (const resolve of waiting) resolve()
    waiting.clear()
  })
  await subscriber.command('SUBSCRIBE', '+switch-master')
  return {
    primaryPort: () => port,
    next: () => new Promise<void>((resolve) => void waiting.add(resolve)),
  }
}
