import type { Script } from '../queue/run-script.ts'

/**
 * Declares a worker dead, and takes the locks of its jobs over in the same step: from then on BullMQ
 * refuses whatever the worker still does with them, and it cannot fetch by finishing. Lists what it
 * holds, newest first. The lock lives for one lock duration more: should the recoverer die as well,
 * BullMQ's own check for stalled jobs finds them.
 * KEYS: workers, fenced, active. ARGV: identity, prefix of the jobs' keys.
 * Returns id, lock, name, attempts made and history of each job.
 */
export const CONDEMN: Script = {
  name: 'workerRecyclerCondemn',
  numberOfKeys: 3,
  lua: `redis.call('ZADD', KEYS[2], 'NX', redis.call('TIME')[1], ARGV[1])
local registered = redis.call('HGET', KEYS[1], ARGV[1])
if not registered then return {} end
local owned = {}
for id in string.gmatch(registered, '%S+') do owned[id] = true end
local taken = 'worker-recycler:' .. ARGV[1]
local held = {}
for _, id in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
  local job = ARGV[2] .. id
  local lock = redis.call('GET', job .. ':lock')
  if lock and (lock == taken or owned[string.match(lock, '^(.*):') or '']) then
    redis.call('SET', job .. ':lock', taken, 'PX', 30000)
    local fields = redis.call('HMGET', job, 'name', 'atm', 'worker-recycler')
    held[#held + 1] = { id, taken, fields[1] or '', fields[2] or '0', fields[3] or '' }
  end
end
return held`,
}
