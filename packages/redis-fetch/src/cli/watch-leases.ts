import { isRecyclerError, RecyclerError, sleep } from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import { createJudge } from '../liveness/judge.ts'
import { createRedisTime } from '../liveness/redis-time.ts'
import { leaseEnded, registered } from '../recovery/recover.ts'
import type { CommandContext } from './command.ts'
import { formatDuration } from './duration.ts'
import { readServerTime } from './server-time.ts'

const LOOKS_PER_LEASE = 6

/**
 * Watches for one lease time, in which every worker that lives renews; resolves with those that did
 * not. Rejects without a verdict when something came between that could have kept them from renewing:
 * a connection that broke, a stall of this process, a jump of the server's clock.
 */
export async function watchLeases(
  fleet: Fleet,
  leaseMs: number,
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
): Promise<readonly string[]> {
  const { driver, clock } = fleet
  const everyMs = leaseMs / LOOKS_PER_LEASE
  const judge = createJudge(clock, leaseMs, everyMs)
  const time = createRedisTime(clock)
  const beganMs = clock.nowMs()
  let broke = false
  driver.onReady(() => {
    broke = true
    judge.connected()
  })
  const look = async (): Promise<readonly string[]> => {
    const nowMs = await readServerTime(driver)
    const silent = await leaseEnded(fleet, nowMs)
    judge.looked(time.jumpMs(nowMs))
    time.heard(nowMs)
    return silent
  }
  try {
    let silent = await look()
    const all = (await registered(fleet)).length
    if (all === 0) return []
    const who = all === 1 ? '1 worker' : `${all} workers`
    await output.tell(`Watching ${who} for one lease time, ${formatDuration(leaseMs)}`)
    for (;;) {
      const leftMs = beganMs + leaseMs - clock.nowMs()
      if (leftMs <= 0) break
      await sleep(Math.min(everyMs, leftMs), clock, signal)
      signal.throwIfAborted()
      silent = await look()
      const left = Math.max(0, beganMs + leaseMs - clock.nowMs())
      await output.tell(`${silent.length} of ${all} silent, ${formatDuration(left)} left`)
    }
    if (judge.isFit()) return silent
  } catch (error) {
    if (!isRecyclerError(error) || error.code !== 'STORAGE_UNREACHABLE') throw error
    broke = true
  }
  const why = broke ? 'The connection broke' : "This process stalled, or the server's clock jumped"
  const sentence = `${why} while leases were watched: no verdict, nothing was recovered; run it again`
  throw new RecyclerError('STORAGE_UNREACHABLE', sentence)
}
