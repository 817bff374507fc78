import { stat } from 'node:fs/promises'
import type { Clock } from '@worker-recycler/core'
import type { HeartbeatJudge } from '../liveness/heartbeat-judge.ts'
import { judgeWorker } from '../liveness/judge-worker.ts'
import type { ProcessTable } from '../liveness/process-probe.ts'
import { readWorkerRecord, type WorkerRecord } from '../liveness/worker-record.ts'
import type { RecoveryContext } from './recover-worker.ts'
import { recover, registered } from './recover.ts'

/** What a search for dead workers needs to know about the searcher. */
export interface Judge {
  readonly self: WorkerRecord
  readonly processes: ProcessTable
  /** Missing where nobody watches for long enough to judge by heartbeats. */
  readonly heartbeats?: HeartbeatJudge
}

/** The registered workers that are provably dead. */
export async function findDead(context: RecoveryContext, judge: Judge): Promise<string[]> {
  const { directory, logger } = context
  const dead: string[] = []
  judge.heartbeats?.look()
  for (const identity of await registered(directory)) {
    if (identity === judge.self.identity) continue
    const record = await readWorkerRecord(directory, identity)
    if (!record) {
      logger.warn({ identity }, 'a worker has no readable record: only a death notice recovers it')
      continue
    }
    const liveness = judgeWorker(record, judge.self, judge.processes)
    if (liveness === 'dead') dead.push(identity)
    if (liveness !== 'unknown' || record.heartbeatMs <= 0 || !judge.heartbeats) continue
    const beat = await stat(directory.registryOf(identity)).catch(() => undefined)
    if (beat && judge.heartbeats.expired(identity, beat.mtimeMs, record.heartbeatMs)) {
      dead.push(identity)
    }
  }
  return dead
}

/** Looks for dead workers again and again. Several at once are harmless. */
export interface Sweeper {
  /** Looks at once, then at intervals; resolves after the first look. */
  start(): Promise<void>
  /** Ends it; resolves when no look is under way. */
  stop(): Promise<void>
}

/** How long the supervisor's death notice, which knows the cause, has precedence. */
const NOTICE_MS = 1000

/** Makes the sweeper of one worker. */
export function createSweeper(
  context: RecoveryContext,
  judge: Judge,
  options: { clock: Clock; everyMs: number; afterSweep: () => Promise<void> },
): Sweeper {
  const { clock, everyMs, afterSweep } = options
  const stopping = new AbortController()
  let underWay: Promise<void> = Promise.resolve()
  let cancel = () => {}
  let suspected = new Set<string>()

  const look = async (): Promise<void> => {
    let nextMs = everyMs
    try {
      const findSettled = async () => {
        const dead = await findDead(context, judge)
        const settled = dead.filter((identity) => suspected.has(identity))
        suspected = new Set(dead.filter((identity) => !settled.includes(identity)))
        if (suspected.size > 0) nextMs = Math.min(everyMs, NOTICE_MS)
        return settled
      }
      await recover(context, {}, findSettled, stopping)
      await afterSweep()
    } catch (error) {
      if (!stopping.signal.aborted) {
        context.logger.error({ error }, 'the search for dead workers failed; it goes on')
      }
    }
    if (!stopping.signal.aborted) schedule(nextMs)
  }
  const schedule = (ms: number): void => {
    cancel = clock.setTimer(ms, () => {
      underWay = look()
    })
  }

  return {
    start: () => {
      underWay = look()
      return underWay
    },
    stop: async () => {
      stopping.abort()
      cancel()
      await underWay
    },
  }
}
