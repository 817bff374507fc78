import type { RawRedis } from '../../test/redis/raw-redis.ts'
import { costBetween, readCounters } from '../redis/server-cost.ts'

/** What doing something once costs the server. */
export interface Cost {
  /** CPU time of the whole server, network included, in us. */
  readonly cpuUs: number
  /** Time in the execution of commands, in us. */
  readonly commandUs: number
  /** Commands that were sent. */
  readonly commands: number
  /** Time that it took whoever did it, in us. */
  readonly wallUs: number
}

const MEASURE_MS = 400

/**
 * Repeats something, one round trip after the other as its program does, and gives the mean. `sent`: the
 * commands that it sends itself; what its scripts run is in their time already.
 */
export async function costOf(
  raw: RawRedis,
  sent: readonly string[],
  once: () => Promise<unknown>,
): Promise<Cost> {
  await once()
  const before = await readCounters(raw)
  const startMs = performance.now()
  let times = 0
  // Three at least: the longest of them take a second.
  while (times < 3 || performance.now() - startMs < MEASURE_MS) {
    await once()
    times += 1
  }
  const wallUs = (1000 * (performance.now() - startMs)) / times
  const cost = costBetween(before, await readCounters(raw), (name) => sent.includes(name))
  return {
    cpuUs: cost.cpuUs / times,
    commandUs: cost.commandUs / times,
    commands: cost.commands / times,
    wallUs,
  }
}
