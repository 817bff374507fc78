import type { RawRedis } from './raw-redis.ts'
import type { RedisServer } from './redis-server.ts'

const BATCH = 1000
const MIGRATE_TIMEOUT_MS = 30_000

/** A slot between two nodes: the old one answers for the keys that it has, and with ASK for others. */
export interface SlotMove {
  readonly slot: number
  /** Moves the keys that are in the slot now. */
  moveKeys(): Promise<void>
  /** Makes the new node the owner, for all nodes; the old one answers with MOVED from then on. */
  finish(): Promise<void>
}

interface Plan {
  readonly nodes: readonly RedisServer[]
  readonly key: string
  readonly from: number
  readonly to: number
}

/** Begins to move the slot of a key from a node to another. */
export async function openSlot({ nodes, key, from, to }: Plan): Promise<SlotMove> {
  if (from === to) throw new Error(`node ${to} has the slot of ${key} already`)
  const raws = await Promise.all(nodes.map((node) => node.raw()))
  const [source, target] = [raws[from]!, raws[to]!]
  const slot = Number(await source.command('CLUSTER', 'KEYSLOT', key))
  const ids = await Promise.all(raws.map((raw) => raw.text('CLUSTER', 'MYID') as Promise<string>))
  await target.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from]!)
  await source.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to]!)

  return {
    slot,
    moveKeys: () => moveKeys(source, nodes[to]!, slot),
    finish: async () => {
      // The new owner first: nobody is sent to a node that does not know yet that it is one.
      const others = raws.filter((raw) => raw !== source && raw !== target)
      for (const raw of [target, source, ...others]) {
        await raw.command('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to]!)
      }
      await Promise.all(raws.map((raw) => raw.close()))
    },
  }
}

async function moveKeys(source: RawRedis, target: RedisServer, slot: number): Promise<void> {
  for (;;) {
    const keys = (await source.command('CLUSTER', 'GETKEYSINSLOT', slot, BATCH)) as Buffer[]
    if (keys.length === 0) return
    const where = [target.host, target.port, '', 0, MIGRATE_TIMEOUT_MS]
    await source.command('MIGRATE', ...where, 'KEYS', ...keys)
  }
}
