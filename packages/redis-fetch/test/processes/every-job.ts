import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import { idOf } from '../redis-oracle.ts'

/** What a job's bytes say of its past, read without the package. */
export interface History {
  readonly id: string
  readonly interruptions: number
  readonly blamed: number
  readonly cause: string | undefined
  readonly suspect: boolean
}

/** The keys under a prefix that hold jobs: every list, and the sorted sets of jobs. */
const PLACES = `local places = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local kind = redis.call('TYPE', key).ok
  if kind == 'list' then places[key] = { 'LRANGE', 'LLEN' }
  elseif kind == 'zset' then
    for _, name in ipairs({ 'delayed', 'quarantine', 'schedule', 'retry', 'dead', 'interrupted' }) do
      if string.match(key, '[:}]' .. name .. '$') then places[key] = { 'ZRANGE', 'ZCARD' } end
    end
  end
end
`
const EVERY_JOB = `${PLACES}
local found = {}
for key, commands in pairs(places) do
  for _, job in ipairs(redis.call(commands[1], key, 0, -1)) do
    found[#found + 1] = key
    found[#found + 1] = job
  end
end
return found`
const COUNT = `${PLACES}
local count = 0
for key, commands in pairs(places) do count = count + redis.call(commands[2], key) end
return count`

/** How many jobs there are at one moment, wherever they are. */
export async function countJobs(raw: RawRedis, prefix: string): Promise<number> {
  return Number(await raw.text('EVAL', COUNT, 0, `*${prefix}*`))
}

/** Where all jobs of a fleet are: the bytes by their keys, whatever the keys are called. */
export async function everyJob(
  raw: RawRedis,
  prefix: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const flat = await raw.text('EVAL', EVERY_JOB, 0, `*${prefix}*`)
  const places = new Map<string, string[]>()
  if (!Array.isArray(flat)) throw new Error('expected a list')
  for (let index = 0; index < flat.length; index += 2) {
    const key = String(flat[index])
    places.set(key, [...(places.get(key) ?? []), String(flat[index + 1])])
  }
  return places
}

/** Reads a job of either layout. */
export function historyOf(bytes: string): History {
  const [line = ''] = bytes.split('\n')
  const job = JSON.parse(line) as {
    jid?: string
    interruptions?: number
    blamed?: number
    cause?: string
    suspect?: boolean
    interrupted_count?: number
    worker_recycler?: { interruptions?: number; cause?: string; suspect?: boolean }
  }
  const id = idOf(bytes)
  if (job.jid === undefined) {
    const { interruptions = 0, blamed = 0, cause, suspect = false } = job
    return { id, interruptions, blamed, cause, suspect }
  }
  const { interrupted_count: blamed = 0, worker_recycler: own = {} } = job
  const { interruptions = blamed, suspect = false } = own
  const cause = own.cause ?? (interruptions > 0 ? 'unknown' : undefined)
  return { id, interruptions, blamed, cause, suspect }
}
