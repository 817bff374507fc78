import type { RedisCluster } from '../../../../test/redis/cluster.ts'
import { asText, type RawRedis } from '../../../../test/redis/raw-redis.ts'
import { RedisError, type RawArgument, type RawReply } from '../../../../test/redis/resp.ts'
import { turn } from '../../../../test/redis/turn.ts'
import { lastingRedis } from './lasting-redis.ts'

const REDIRECTED = /^(MOVED|ASK) \d+ \S*:(\d+)$/

/**
 * A raw connection to each node of a cluster. A command goes where the last one with its key went, then
 * wherever the nodes send it; while a slot is half moved, again and again. `PING` goes to all nodes.
 */
export function clusterRedis({ nodes, ports }: RedisCluster): RawRedis {
  const raws = nodes.map(lastingRedis)
  const known = new Map<string, number>()

  const command = async (...args: readonly RawArgument[]): Promise<RawReply> => {
    if (args[0] === 'PING') {
      const replies = await Promise.all(raws.map(async (raw) => (await raw()).command('PING')))
      return replies[0] ?? null
    }
    const key = keyOf(args)
    let node = known.get(key) ?? 0
    let asking = false
    for (;;) {
      const raw = await raws[node]!()
      const replies = await raw.pipeline(asking ? [['ASKING'], args] : [args])
      const reply = replies.at(-1) ?? null
      if (!(reply instanceof RedisError)) return reply
      const [, how, port] = REDIRECTED.exec(reply.message) ?? []
      if (how === undefined) {
        if (reply.code !== 'TRYAGAIN') throw reply
        await turn()
        asking = false
        node = known.get(key) ?? 0
        continue
      }
      node = ports.indexOf(Number(port))
      asking = how === 'ASK'
      if (!asking) known.set(key, node)
    }
  }

  return {
    command,
    pipeline: (commands) =>
      Promise.all(
        commands.map((each) =>
          command(...each).catch((error: unknown) => {
            if (error instanceof RedisError) return error
            throw error
          }),
        ),
      ),
    text: async (...args) => asText(await command(...args)),
    onMessage: () => {
      throw new Error('a cluster has no one connection to listen to')
    },
    // The nodes close them when they are stopped.
    closed: new Promise(() => {}),
    close: () => Promise.resolve(),
  }
}

function keyOf([name, ...args]: readonly RawArgument[]): string {
  return String(name === 'EVAL' ? args[2] : args[0])
}
