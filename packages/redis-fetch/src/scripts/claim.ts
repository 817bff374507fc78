import type { Script } from '../driver/driver.ts'
import { EVEN_IF_FULL, script } from './script.ts'

/**
 * Moves jobs from queues into a worker's lists, the queues in the given order: first each up to its
 * limit, then whatever there is room for. A queue whose key is no list is reported; the others go on.
 * KEYS: guard, then wait and work of each queue. ARGV: whether the guard must be absent, room, whether
 * the server is at its memory limit (1), one limit for each queue. Returns number of the queue and job,
 * in turn; an error has a negative number.
 */
export const CLAIM: Script = script(
  'claim',
  `if ARGV[1] == 'absent' and redis.call('EXISTS', KEYS[1]) == 1 then return 'FENCED' end
if ARGV[3] == '1' then ${EVEN_IF_FULL.key('KEYS[2]')} end
local room = tonumber(ARGV[2])
local found, empty = {}, {}
for round = 1, 2 do
  for i = 2, #KEYS, 2 do
    local limit = room
    if round == 1 then limit = math.min(room, tonumber(ARGV[3 + i / 2])) end
    while limit > 0 and not empty[i] do
      local job = redis.pcall('LMOVE', KEYS[i], KEYS[i + 1], 'RIGHT', 'LEFT')
      if type(job) == 'table' then
        if redis.call('TYPE', KEYS[i + 1]).ok == 'string' then return 'FENCED' end
        found[#found + 1] = -(i / 2)
        found[#found + 1] = job.err
        empty[i] = true
      elseif job then
        found[#found + 1] = i / 2
        found[#found + 1] = job
        room = room - 1
        limit = limit - 1
      else
        empty[i] = true
      end
    end
  end
end
return found`,
)
