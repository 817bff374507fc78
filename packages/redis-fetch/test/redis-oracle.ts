import type { JobSourceOracle } from '@worker-recycler/core/testing'
import type { RawRedis } from '../../../test/redis/raw-redis.ts'

/** The names of the keys of one layout, spelled out once more: the oracle trusts nothing under test. */
export interface OracleKeys {
  readonly wait: string
  readonly suspects: string
  readonly held: (identity: string) => readonly string[]
  readonly quarantine: string
  readonly workers: string
}

/** The keys of one queue of the native layout. */
export function nativeKeys(prefix: string, queue: string): OracleKeys {
  return {
    wait: `{${prefix}/${queue}}:wait`,
    suspects: `{${prefix}/${queue}}:suspects`,
    held: (identity) => [
      `{${prefix}/${queue}}:work:${identity}`,
      `{${prefix}/${queue}}:recovering:${identity}`,
    ],
    quarantine: `{${prefix}/${queue}}:quarantine`,
    workers: `{${prefix}}:workers`,
  }
}

/** The keys of one queue of Sidekiq's layout, under a namespace. */
export function sidekiqKeys(prefix: string, queue: string): OracleKeys {
  return {
    wait: `${prefix}queue:${queue}`,
    suspects: `${prefix}wr:suspects:${queue}`,
    held: (identity) => [`${prefix}working:queue:${queue}:${identity}`],
    quarantine: `${prefix}interrupted`,
    workers: `${prefix}wr:workers`,
  }
}

/** The entries of several lists; a key that holds no list has none. */
const ALL_OF_THEM = `local all = {}
for _, key in ipairs(KEYS) do
  if redis.call('TYPE', key).ok == 'list' then
    for _, job in ipairs(redis.call('LRANGE', key, 0, -1)) do all[#all + 1] = job end
  end
end
return all`

/** Reads where jobs are by raw commands on a connection of its own. */
export function redisOracle(
  raw: () => RawRedis,
  keys: OracleKeys,
): Required<Omit<JobSourceOracle, 'completed'>> {
  // At one moment: a job that moves from one to the other is seen in one of them.
  const lists = async (...names: readonly string[]): Promise<string[]> =>
    ids(await raw().text('EVAL', ALL_OF_THEM, names.length, ...names))
  return {
    available: () => lists(keys.wait, keys.suspects),
    held: (identity) => lists(...keys.held(identity)),
    quarantined: async () => ids(await raw().text('ZRANGE', keys.quarantine, 0, -1)),
    registered: async () => texts(await raw().text('ZRANGE', keys.workers, 0, -1)),
  }
}

/** The id of a job, whatever the layout: both write it as the first `"id"` or `"jid"`. */
export function idOf(bytes: string): string {
  return /"j?id":"([^"]+)"/.exec(bytes)?.[1] ?? bytes
}

function ids(reply: Awaited<ReturnType<RawRedis['text']>>): string[] {
  return texts(reply).map(idOf)
}

function texts(reply: Awaited<ReturnType<RawRedis['text']>>): string[] {
  return Array.isArray(reply) ? reply.map((each) => String(each)) : []
}
