import { freePort } from './free-port.ts'
import type { RawRedis } from './raw-redis.ts'
import { startRedis, type RedisServer } from './redis-server.ts'
import { openSlot, type SlotMove } from './slot-move.ts'

const SLOTS = 16_384

/** A cluster of primaries without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  readonly ports: readonly number[]
  /** The index of the node whose slots the key belongs to. */
  ownerOf(key: string): Promise<number>
  /** Begins to move a key's slot, and leaves it between two nodes until the move is finished. */
  openSlotOf(key: string, toNode: number): Promise<SlotMove>
  /** Moves a key's slot, with all of its keys, to the node of that index. */
  migrateSlotOf(key: string, toNode: number): Promise<void>
  stop(): Promise<void>
}

/** Starts a cluster whose nodes share the slots evenly; resolves when each of them serves. */
export async function startCluster({
  nodes: count = 3,
  args = [],
}: { readonly nodes?: number; readonly args?: readonly string[] } = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(args)))
  const raws = await Promise.all(nodes.map((node) => node.raw()))
  for (const [index, raw] of raws.entries()) {
    const from = Math.floor((SLOTS * index) / count)
    const to = Math.floor((SLOTS * (index + 1)) / count)
    const slots = Array.from({ length: to - from }, (_, offset) => from + offset)
    await raw.command('CLUSTER', 'ADDSLOTS', ...slots)
    await raw.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  for (const node of nodes.slice(1)) await raws[0]!.command('CLUSTER', 'MEET', node.host, node.port)
  await Promise.all(nodes.map((node) => node.untilLine(/Cluster state changed: ok/)))

  const ports = nodes.map(({ port }) => port)
  // A connection for each question: a node may have been started again.
  const ask = async <T>(node: number, question: (raw: RawRedis) => Promise<T>): Promise<T> => {
    const raw = await nodes[node]!.raw()
    try {
      return await question(raw)
    } finally {
      await raw.close()
    }
  }
  const ownerOf = (key: string) =>
    ask(0, async (raw) => {
      const slot = Number(await raw.command('CLUSTER', 'KEYSLOT', key))
      const ranges = (await raw.command('CLUSTER', 'SLOTS')) as [number, number, [Buffer, number]][]
      const range = ranges.find(([from, to]) => from <= slot && slot <= to)
      return ports.indexOf(range?.[2][1] ?? 0)
    })
  const openSlotOf = async (key: string, toNode: number) =>
    openSlot({ nodes, key, from: await ownerOf(key), to: toNode })

  return {
    nodes,
    ports,
    ownerOf,
    openSlotOf,
    migrateSlotOf: async (key, toNode) => {
      const move = await openSlotOf(key, toNode)
      await move.moveKeys()
      await move.finish()
    },
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  }
}

async function startNode(args: readonly string[]): Promise<RedisServer> {
  const cluster = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': '5000',
    // Else a node does not know its own address before another one has told it.
    'cluster-announce-ip': '127.0.0.1',
  }
  const own = Object.entries(cluster).flatMap(([name, value]) => [`--${name}`, value])
  return startRedis({ port: await freePort({ bus: true }), args: [...own, ...args] })
}
