import type { RawRedis } from '../../test/redis/raw-redis.ts'

/** What a server has done since its statistics were reset. */
export interface ServerCost {
  /** Commands that clients sent. */
  readonly commands: number
  /** Time in the execution of those commands, in us; a script's includes all that it ran. */
  readonly commandUs: number
  /** CPU time of the whole server, network included, in us. */
  readonly cpuUs: number
  /** How often it read from a client: one for each pipeline that fits its buffer of 16 KiB. */
  readonly reads: number
}

/** A look at the server's counters, to be subtracted from a later one. */
export interface Counters {
  readonly byName: ReadonlyMap<string, { readonly calls: number; readonly us: number }>
  readonly cpuUs: number
  readonly reads: number
}

/** Reads the counters. Costs one command, which is never counted. */
export async function readCounters(raw: RawRedis): Promise<Counters> {
  const info = String(await raw.text('INFO', 'everything'))
  const byName = new Map<string, { calls: number; us: number }>()
  for (const [, name = '', calls, us] of info.matchAll(/cmdstat_(.+?):calls=(\d+),usec=(\d+)/g)) {
    byName.set(name, { calls: Number(calls), us: Number(us) })
  }
  const number = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
  return {
    byName,
    cpuUs: 1e6 * (number('used_cpu_user') + number('used_cpu_sys')),
    reads: number('total_reads_processed'),
  }
}

/**
 * The difference of two looks. The server counts what a script runs once more by its own name: only
 * names that `isSent` knows to come from clients count.
 */
export function costBetween(
  before: Counters,
  after: Counters,
  isSent: (name: string) => boolean,
): ServerCost {
  let commands = 0
  let commandUs = 0
  for (const [name, { calls, us }] of after.byName) {
    const [command = ''] = name.split('|')
    if (command === 'info' || !isSent(command)) continue
    const earlier = before.byName.get(name)
    commands += calls - (earlier?.calls ?? 0)
    commandUs += us - (earlier?.us ?? 0)
  }
  // The second look was a read itself.
  return {
    commands,
    commandUs,
    cpuUs: after.cpuUs - before.cpuUs,
    reads: after.reads - before.reads - 1,
  }
}
