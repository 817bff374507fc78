import type { Script } from '../driver/driver.ts'
import { NOW, script } from './script.ts'

/**
 * Gives a holder a place in its cohort, or its own place again with its time renewed. The member '' is
 * no holder: it lapses when the next grant may follow, and is kept here so that one key tells all.
 * KEYS: cohort. ARGV: holder, places, time to live in ms, least time between grants in ms.
 * Returns when the permit lapses, in ms of Redis time, and the score of '' if this call set it, else 0;
 * nothing when there is no place.
 */
export const ACQUIRE: Script = script(
  'acquire',
  `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local lapses, mark = now + ARGV[3], 0
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  if redis.call('ZSCORE', KEYS[1], '') then return false end
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return false end
  if tonumber(ARGV[4]) > 0 then
    mark = now + ARGV[4]
    redis.call('ZADD', KEYS[1], mark, '')
  end
end
redis.call('ZADD', KEYS[1], lapses, ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], last[2] - now)
return { lapses, mark }`,
)

/**
 * Gives a place back, unless the permit has lapsed by itself: the place may be its holder's successor's
 * by now. A permit that is given back by the one it was granted to was not used, and does not hold up
 * the next grant. KEYS: cohort. ARGV: holder, and the two numbers of the grant.
 */
export const RELEASE: Script = script(
  'release',
  `${NOW}
if now >= tonumber(ARGV[2]) then return 0 end
local mark = redis.call('ZSCORE', KEYS[1], '')
if mark and tonumber(mark) == tonumber(ARGV[3]) then redis.call('ZREM', KEYS[1], '') end
return redis.call('ZREM', KEYS[1], ARGV[1])`,
)
