import type { Script } from '../queue/run-script.ts'

/**
 * Moves a job from active to the place where it is taken next, as BullMQ's own `moveToWait` does, if
 * it is locked by the one who asks. That costs neither an attempt nor a stall; `ats` counts starts, so
 * that a run which counts as none is taken off again. Among jobs that were begun before, the oldest is
 * taken first, in whichever order they come back.
 * KEYS: active, wait, list of a paused queue, prioritized, marker, meta, events, stalled, job, lock.
 * ARGV: id, lock, history ('': as it was), change of started attempts, why the job is to fail when it is
 * taken next ('': it is not). Returns 0 when the job is another's.
 */
export const PUT_BACK: Script = {
  name: 'workerRecyclerPutBack',
  numberOfKeys: 10,
  lua: `local function age(key, id)
  local job = redis.call('HMGET', key, 'timestamp', 'processedOn')
  return job[2] and { tonumber(job[1]) or 0, tonumber(id) or 0 }
end
local function isOlder(one, other)
  return one[1] < other[1] or (one[1] == other[1] and one[2] < other[2])
end
if redis.call('GET', KEYS[10]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[10])
redis.call('SREM', KEYS[8], ARGV[1])
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 or redis.call('EXISTS', KEYS[9]) == 0 then return 0 end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[9], 'worker-recycler', ARGV[3]) end
if ARGV[4] ~= '0' then redis.call('HINCRBY', KEYS[9], 'ats', ARGV[4]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[9], 'defa', ARGV[5]) end
local meta = redis.call('HMGET', KEYS[6], 'paused', 'concurrency', 'opts.maxLenEvents')
local priority = tonumber(redis.call('HGET', KEYS[9], 'priority')) or 0
if priority > 0 then
  redis.call('ZADD', KEYS[4], priority * 0x100000000, ARGV[1])
else
  local target = meta[1] and KEYS[3] or KEYS[2]
  local older = {}
  local mine = age(KEYS[9], ARGV[1]) or { 0, 0 }
  while #older < 1000 do
    local next = redis.call('LINDEX', target, -1)
    local theirs = next and age(string.sub(KEYS[9], 1, -1 - #ARGV[1]) .. next, next)
    if not theirs or not isOlder(theirs, mine) then break end
    older[#older + 1] = redis.call('RPOP', target)
  end
  redis.call('RPUSH', target, ARGV[1])
  for index = #older, 1, -1 do redis.call('RPUSH', target, older[index]) end
end
if not meta[1] and not (meta[2] and redis.call('LLEN', KEYS[1]) >= tonumber(meta[2])) then
  redis.call('ZADD', KEYS[5], 0, '0')
end
redis.call('XADD', KEYS[7], 'MAXLEN', '~', meta[3] or 10000, '*', 'event', 'waiting',
  'jobId', ARGV[1], 'prev', 'active')
return 1`,
}

/**
 * Wakes a worker that waits for jobs, as BullMQ does when one is added: for the wake-up that was taken by
 * a worker which takes no job. KEYS: marker.
 */
export const WAKE: Script = {
  name: 'workerRecyclerWake',
  numberOfKeys: 1,
  lua: `return redis.call('ZADD', KEYS[1], 0, '0')`,
}
