import type { Script } from '../queue/run-script.ts'

/**
 * Registers a worker, or renews it, unless it was declared dead; forgets those who were not renewed for
 * long. KEYS: workers, fenced. ARGV: identity, ids of its BullMQ workers, seconds after which the others
 * are forgotten. Returns 0 when it was declared dead.
 */
export const REGISTER: Script = {
  name: 'workerRecyclerRegister',
  numberOfKeys: 2,
  lua: `if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local at = tonumber(string.match(all[index + 1], '^%d+')) or 0
  if at < now - ARGV[3] then redis.call('HDEL', KEYS[1], all[index]) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3])
return 1`,
}

/** Forgets a worker. KEYS: workers. ARGV: identity. */
export const LEAVE: Script = {
  name: 'workerRecyclerLeave',
  numberOfKeys: 1,
  lua: `return redis.call('HDEL', KEYS[1], ARGV[1])`,
}

/** Whether a worker was declared dead. KEYS: fenced. ARGV: identity. */
export const IS_FENCED: Script = {
  name: 'workerRecyclerIsFenced',
  numberOfKeys: 1,
  lua: `return redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0`,
}

/** The identities that are registered. KEYS: workers. */
export const REGISTERED: Script = {
  name: 'workerRecyclerRegistered',
  numberOfKeys: 1,
  lua: `return redis.call('HKEYS', KEYS[1])`,
}
