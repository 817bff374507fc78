import type { Script } from '../driver/driver.ts'
import { EVEN_IF_FULL, NOW, script } from './script.ts'

/**
 * Declares a worker dead, for good; by its lease only if that has run out at this very moment.
 * KEYS: workers, worker, fence. ARGV: identity, cause, by whom, 'certain' or 'lease', ms for which the
 * fence stands. Returns 'ALIVE' or 'GONE', or the cause that counts and the worker's queues.
 */
export const CONDEMN: Script = script(
  'condemn',
  `${NOW}
local deadline = redis.call('ZSCORE', KEYS[1], ARGV[1])
if ARGV[4] == 'lease' then
  if not deadline then return 'GONE' end
  if tonumber(deadline) > now then return 'ALIVE' end
end
${EVEN_IF_FULL.set('KEYS[1]')}
local cause = redis.call('HGET', KEYS[3], 'cause')
if not cause or cause == 'unknown' then
  cause = ARGV[2]
  redis.call('HSET', KEYS[3], 'cause', cause, 'by', ARGV[3], 'at', now)
end
redis.call('PEXPIRE', KEYS[3], ARGV[5])
redis.call('ZADD', KEYS[1], 0, ARGV[1])
return { cause, redis.call('HGET', KEYS[2], 'queues') or '' }`,
)

/**
 * Takes a dead worker's list away from it: from now on its claims and acknowledgements fail, because
 * the key holds no list. KEYS: work, recovering. ARGV: what the tomb says, ms for which it stands.
 * Returns how many jobs are to be recovered, or -1 when it must be called again.
 */
export const SEAL: Script = script(
  'seal',
  `if redis.call('TYPE', KEYS[1]).ok == 'list' then
  if redis.call('RENAMENX', KEYS[1], KEYS[2]) == 0 then
    for _ = 1, 100 do
      if not redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT') then break end
    end
    if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
  end
end
${EVEN_IF_FULL.key('KEYS[2]')}
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('LLEN', KEYS[2])`,
)

/**
 * Writes down how many jobs a dead worker held, once. KEYS: fence. ARGV: the number. Returns the one
 * that was written first.
 */
export const HELD: Script = script(
  'held',
  `${EVEN_IF_FULL.hash('KEYS[1]')}
redis.call('HSETNX', KEYS[1], 'held', ARGV[1])
return redis.call('HGET', KEYS[1], 'held')`,
)
