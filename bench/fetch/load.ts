import type { RawRedis } from '../../test/redis/raw-redis.ts'
import type { RedisServer } from '../../test/redis/redis-server.ts'
import { isFromClients, sentDuring, type SentCommands } from '../redis/sent-commands.ts'
import { costBetween, readCounters, type ServerCost } from '../redis/server-cost.ts'

/** What all jobs of the benchmark carry: with what each system writes around it some 300 bytes. */
export const PAYLOAD: { readonly pad: string } = { pad: 'x'.repeat(190) }

/** One way of working a queue off. */
export interface Way {
  /** Writes so many jobs into an empty server. */
  fill(jobs: number): Promise<void>
  /** Runs that many jobs; resolves with the time in ms from the first to the last. */
  workOff(jobs: number): Promise<number>
}

/** What one round cost. */
export interface RoundCost {
  readonly jobsPerSecond: number
  readonly server: ServerCost
  /** CPU time of this process, in us: of the worker where it runs in here. */
  readonly processUs: number
  readonly jobs: number
}

/** Enough jobs to see which commands are sent; MONITOR would slow down more. */
const SAMPLE = 300

/** Makes the measured rounds of one way: each begins with an empty server that is filled. */
export function rounds(
  { server, raw }: { readonly server: RedisServer; readonly raw: RawRedis },
  way: Way,
  jobs: number,
): () => Promise<RoundCost> {
  let sent: SentCommands | undefined
  return async () => {
    if (sent === undefined) {
      await raw.command('FLUSHALL')
      await way.fill(SAMPLE)
      sent = await sentDuring(server, () => way.workOff(SAMPLE))
    }
    await raw.command('FLUSHALL')
    await way.fill(jobs)
    const before = await readCounters(raw)
    const cpu = process.cpuUsage()
    const tookMs = await way.workOff(jobs)
    const { user, system } = process.cpuUsage(cpu)
    const after = await readCounters(raw)
    const seen = sent
    const cost = costBetween(before, after, (name) => isFromClients(seen, name))
    const jobsPerSecond = (1000 * jobs) / tookMs
    return { jobsPerSecond, server: cost, processUs: user + system, jobs }
  }
}

/** Counts down, and tells how long it took from the first to the last. */
export interface Countdown {
  readonly begin: () => void
  readonly tick: () => void
  readonly done: Promise<number>
}

/** Starts with the first `begin`, and is done with the last of so many ticks. */
export function countdown(jobs: number): Countdown {
  let left = jobs
  let startMs: number | undefined
  let resolve: (tookMs: number) => void = () => {}
  const done = new Promise<number>((ended) => {
    resolve = ended
  })
  return {
    begin: () => {
      startMs ??= performance.now()
    },
    tick: () => {
      left -= 1
      if (left === 0) resolve(performance.now() - (startMs ?? 0))
    },
    done,
  }
}
