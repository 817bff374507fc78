import type { Script } from '../driver/driver.ts'
import { EVEN_IF_FULL, NOW, script } from './script.ts'

/**
 * Registers a worker, unless it was declared dead, or its identity is in use.
 * KEYS: workers, worker, fence, names, heartbeat of other programs (or workers again).
 * ARGV: identity, lease in ms, stable name, 'new' or 'again', seconds of the heartbeat (0: none),
 * fields and values. Returns Redis time in ms.
 */
export const REGISTER: Script = script(
  'register',
  `if redis.call('EXISTS', KEYS[3]) == 1 then return 'FENCED' end
if ARGV[4] == 'new' and redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 'TAKEN' end
${EVEN_IF_FULL.set('KEYS[1]')}
${NOW}
if ARGV[5] ~= '0' then redis.call('SET', KEYS[5], '1', 'EX', ARGV[5]) end
redis.call('HSET', KEYS[2], 'registeredAt', now, unpack(ARGV, 6))
if ARGV[3] ~= '' then redis.call('HSET', KEYS[4], ARGV[3], ARGV[1]) end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return now`,
)

/**
 * Renews a worker's lease. KEYS: workers, worker, fence, heartbeat of other programs (or workers
 * again). ARGV: identity, lease in ms, seconds of the heartbeat (0: none), for how long its event loop
 * has been blocked ('': nothing new). Returns Redis time in ms.
 */
export const BEAT: Script = script(
  'beat',
  `if redis.call('EXISTS', KEYS[3]) == 1 then return 'FENCED' end
${EVEN_IF_FULL.set('KEYS[1]')}
${NOW}
if redis.call('ZADD', KEYS[1], 'XX', 'CH', now + ARGV[2], ARGV[1]) == 0
  and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 'UNKNOWN' end
if ARGV[3] ~= '0' then redis.call('SET', KEYS[4], '1', 'EX', ARGV[3]) end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[2], 'stalledMs', ARGV[4]) end
return now`,
)

/**
 * Removes a worker that holds nothing any more. KEYS: workers, worker, names, heartbeat of other
 * programs (or workers again). ARGV: identity, whether there is such a heartbeat (1 or 0).
 */
export const LEAVE: Script = script(
  'leave',
  `local name = redis.call('HGET', KEYS[2], 'name')
if name and redis.call('HGET', KEYS[3], name) == ARGV[1] then redis.call('HDEL', KEYS[3], name) end
redis.call('DEL', KEYS[2])
if ARGV[2] == '1' then redis.call('DEL', KEYS[4]) end
return redis.call('ZREM', KEYS[1], ARGV[1])`,
)

/**
 * Makes one worker the keeper of the fleet, for a while, and notes what the worker is at. The keeper
 * also hears of the workers whose lease has run out, at most 100, and of the queue that is due next.
 * KEYS: keeper, worker, workers, due. ARGV: identity, ms, state ('': nothing new). Returns 1 for the
 * keeper, Redis time in ms, identities, then queue and time.
 */
export const TEND: Script = script(
  'tend',
  `${EVEN_IF_FULL.set('KEYS[3]')}
if ARGV[3] ~= '' and redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[2], 'state', ARGV[3])
end
${NOW}
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 0, now, {}, {} } end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
local ended = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 100)
return { 1, now, ended, redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES') }`,
)
