import type { Script } from '../driver/driver.ts'
import { script } from './script.ts'

/**
 * Enqueues a job unless its id is reserved. KEYS: reservation, list or sorted set. ARGV: ms for which
 * the id is reserved at most, score ('' for a list), the job. Returns 0 when the id was reserved.
 */
export const ENQUEUE: Script = script(
  'enqueue',
  `if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if ARGV[2] == '' then redis.call('LPUSH', KEYS[2], ARGV[3])
else redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3]) end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1`,
)
