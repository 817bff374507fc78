import type { RawRedis } from '../../../../test/redis/raw-redis.ts'

/** Every key under a prefix with its value, at one moment; a time to live only as whether there is one. */
const SNAPSHOT = `local found, keys = {}, redis.call('KEYS', ARGV[1])
table.sort(keys)
for _, key in ipairs(keys) do
  local kind, value = redis.call('TYPE', key).ok, {}
  if kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
  elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'hash' then value = redis.call('HGETALL', key)
  elseif kind == 'set' then value = redis.call('SORT', key, 'ALPHA')
  else value = { redis.call('GET', key) } end
  found[#found + 1] = { key, kind, redis.call('PTTL', key) > 0 and 1 or 0, value }
end
return found`

/** All that a server knows under a prefix: two that are equal mean that nothing was changed. */
export async function redisSnapshot(raw: RawRedis, prefix: string): Promise<unknown> {
  return raw.text('EVAL', SNAPSHOT, 0, `*${prefix}*`)
}
