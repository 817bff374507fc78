import type { Argument, Driver, Script } from '../driver/driver.ts'
import { EVEN_IF_FULL, script } from './script.ts'

/**
 * Moves jobs out of one list or sorted set. Each is written to its destination before it is removed
 * from its source, and only if it is still there: a script that fails half way doubles and loses
 * nothing, and one that runs twice does nothing the second time. A destination that takes nothing does
 * not hold up the others.
 *
 * KEYS: source, guard, destinations. ARGV: whether the guard must be absent, then four for each job:
 * its bytes, number of its destination (0: none), how ('left', 'right' or a score), its new bytes.
 * Returns for each 1, 0 when it was not there, or the error of its destination.
 */
export const MOVE: Script = script(
  'move',
  `local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' then return 'FENCED' end
if ARGV[1] == 'absent' and redis.call('EXISTS', KEYS[2]) == 1 then return 'ALIVE' end
${EVEN_IF_FULL.key('KEYS[1]')}
local moved = {}
for i = 2, #ARGV, 4 do
  local there = false
  if kind == 'list' then there = redis.call('LPOS', KEYS[1], ARGV[i])
  elseif kind == 'zset' then there = redis.call('ZSCORE', KEYS[1], ARGV[i]) end
  if there then
    local to, how = tonumber(ARGV[i + 1]), ARGV[i + 2]
    local put
    if to > 0 then
      local key = KEYS[to + 2]
      if how == 'left' then put = redis.pcall('LPUSH', key, ARGV[i + 3])
      elseif how == 'right' then put = redis.pcall('RPUSH', key, ARGV[i + 3])
      else put = redis.pcall('ZADD', key, how, ARGV[i + 3]) end
    end
    if type(put) == 'table' then
      moved[#moved + 1] = put.err
    else
      if kind == 'list' then redis.call('LREM', KEYS[1], 1, ARGV[i])
      else redis.call('ZREM', KEYS[1], ARGV[i]) end
      moved[#moved + 1] = 1
    end
  else
    moved[#moved + 1] = 0
  end
end
return moved`,
)

/** One job's move. */
export interface Move {
  readonly bytes: Buffer
  /** Where to; without it the job is removed. */
  readonly to?: string
  /** The end of a list, or the score in a sorted set. Defaults to the left end. */
  readonly at?: 'left' | 'right' | { readonly score: string }
  /** What is written there. Defaults to the bytes as they are. */
  readonly next?: Buffer
}

/**
 * What a move did: for each job whether it was moved, or the error that its destination gave; or why
 * none was.
 */
export type Moved = readonly (boolean | Error)[] | 'fenced' | 'alive'

/** Moves at most 100 jobs, all of one source. With `unless`, none while that key exists. */
export async function move(
  driver: Driver,
  source: string,
  moves: readonly Move[],
  unless?: string,
): Promise<Moved> {
  if (moves.length === 0) return []
  const targets = [...new Set(moves.flatMap(({ to }) => to ?? []))]
  const args: Argument[] = [unless === undefined ? '' : 'absent']
  for (const { bytes, to, at = 'left', next = bytes } of moves) {
    const how = typeof at === 'string' ? at : at.score
    args.push(
      bytes,
      to === undefined ? 0 : targets.indexOf(to) + 1,
      how,
      to === undefined ? '' : next,
    )
  }
  const reply = await driver.run(MOVE, [source, unless ?? source, ...targets], args)
  if (Array.isArray(reply)) {
    return reply.map((each: unknown) =>
      Buffer.isBuffer(each) ? new Error(each.toString()) : each === 1,
    )
  }
  return String(reply) === 'ALIVE' ? 'alive' : 'fenced'
}

const MOST_JOBS = 100
const MOST_BYTES = 1 << 20

/** Cuts what is to be moved into portions that a script handles without holding up the server. */
export function portions<T extends { readonly bytes: Buffer }>(jobs: readonly T[]): T[][] {
  const all: T[][] = []
  let size = Infinity
  for (const job of jobs) {
    const last = all.at(-1)
    size += job.bytes.length
    if (last && last.length < MOST_JOBS && size <= MOST_BYTES) last.push(job)
    else {
      all.push([job])
      size = job.bytes.length
    }
  }
  return all
}
