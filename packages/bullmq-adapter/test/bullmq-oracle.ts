import type { JobSourceOracle } from '@worker-recycler/core/testing'
import type { RawRedis } from '../../../test/redis/raw-redis.ts'

/** Jobs at the place where they are taken next, unless they are to be failed then; all at one moment. */
const AVAILABLE = `local all = {}
local function add(ids)
  for _, id in ipairs(ids) do
    if redis.call('HEXISTS', KEYS[4] .. id, 'defa') == tonumber(ARGV[1]) then all[#all + 1] = id end
  end
end
add(redis.call('LRANGE', KEYS[1], 0, -1))
add(redis.call('LRANGE', KEYS[2], 0, -1))
add(redis.call('ZRANGE', KEYS[3], 0, -1))
return all`

/** Active jobs that are locked by one of a process's workers, or that recovery has taken over. */
const HELD = `local held = {}
local ids = redis.call('HGET', KEYS[2], ARGV[1]) or ''
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local lock = redis.call('GET', KEYS[3] .. id .. ':lock') or ''
  local owner = string.match(lock, '^(.*):') or lock
  if lock == 'worker-recycler:' .. ARGV[1] or (owner ~= '' and string.find(ids, owner, 1, true)) then
    held[#held + 1] = id
  end
end
return held`

/** Reads where the jobs of a queue are, by raw commands on a connection of its own. */
export function bullmqOracle(raw: () => RawRedis, prefix: string): Required<JobSourceOracle> {
  const key = (type: string) => `${prefix}:${type}`
  const waiting = async (deferredFailure: '0' | '1') =>
    texts(
      await raw().text(
        'EVAL',
        AVAILABLE,
        4,
        key('wait'),
        key('paused'),
        key('prioritized'),
        key(''),
        deferredFailure,
      ),
    )
  return {
    available: () => waiting('0'),
    held: async (identity) =>
      texts(
        await raw().text(
          'EVAL',
          HELD,
          3,
          key('active'),
          key('worker-recycler:workers'),
          key(''),
          identity,
        ),
      ),
    completed: async () => texts(await raw().text('ZRANGE', key('completed'), 0, -1)),
    quarantined: () => waiting('1'),
    registered: async () => texts(await raw().text('HKEYS', key('worker-recycler:workers'))),
  }
}

function texts(reply: Awaited<ReturnType<RawRedis['text']>>): string[] {
  return Array.isArray(reply) ? reply.map((each) => String(each)) : []
}
