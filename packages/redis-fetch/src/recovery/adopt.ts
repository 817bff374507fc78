import type { RecoveredJob } from '@worker-recycler/core'
import { buffersOf, listOf, numberOf, type Reply, textOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { putBack } from './put-back.ts'
import { type RecoveryOptions, recoverWorker } from './recover-worker.ts'

/** Looks through the whole database for lists whose holders are registered nowhere. */
export interface Adopter {
  /** Puts back what dead strangers held. */
  adopt(signal?: AbortSignal): Promise<RecoveredJob[]>
}

/** A list has been left alone for so long before it is adopted. */
const STILL_MS = 30_000

/**
 * Makes an adopter. It is for workers of other programs (the GitLab fetcher's), and for lists whose
 * registration was lost: it costs a SCAN, so it runs rarely.
 */
export function createAdopter(fleet: Fleet, options: RecoveryOptions): Adopter {
  const { driver, layout, clock } = fleet
  const seenAtMs = new Map<string, number>()

  /** How long nobody has touched a key, by the server or, where it does not say, by our own looks. */
  const stillMs = (key: string, idle: Reply | undefined): number => {
    if (typeof idle === 'number') return idle * 1000
    const since = seenAtMs.get(key) ?? clock.nowMs()
    seenAtMs.set(key, since)
    return clock.nowMs() - since
  }
  const isAbandoned = async (key: string, identity: string): Promise<boolean> => {
    const heartbeat = layout.foreignHeartbeat?.(identity)
    // The register and the list may lie on different nodes.
    const [deadline] = await driver.send([['ZSCORE', layout.fleet.workers, identity]])
    const [idle, alive] = await driver.send([
      ['OBJECT', 'IDLETIME', key],
      ['EXISTS', heartbeat ?? key],
    ])
    if (deadline !== null || (heartbeat !== undefined && alive !== 0)) return false
    return stillMs(key, idle) >= STILL_MS
  }
  const adoptOne = async (
    { key, queue, identity }: { key: string; queue: string; identity: string },
    signal?: AbortSignal,
  ): Promise<RecoveredJob[]> => {
    const heartbeat = layout.foreignHeartbeat?.(identity)
    if (heartbeat === undefined) {
      const request = { cause: 'unknown', grounds: 'certain' } as const
      return recoverWorker(fleet, identity, request, options, signal)
    }
    const [held] = await driver.send([['LLEN', key]])
    const death = { cause: 'unknown', held: numberOf(held) } as const
    const list = { key, queue, identity, unless: heartbeat }
    return putBack(fleet, list, death, options.maxInterruptions, signal)
  }

  return {
    adopt: async (signal) => {
      const recovered: RecoveredJob[] = []
      for await (const key of scan(fleet, layout.workPattern)) {
        signal?.throwIfAborted()
        const list = layout.parseWork(key)
        if (!list || !(await isAbandoned(key, list.identity))) continue
        recovered.push(...(await adoptOne({ key, ...list }, signal)))
        seenAtMs.delete(key)
      }
      if (recovered.length > 0) fleet.logger.info({ recovered }, 'adopted the jobs of strangers')
      return recovered
    },
  }
}

/** The lists of every node whose names match. */
async function* scan({ driver }: Fleet, pattern: string): AsyncGenerator<string> {
  for (const node of driver.nodes()) {
    let cursor = '0'
    do {
      const command = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', 2000, 'TYPE', 'list'] as const
      const [reply = null] = await node.send([command])
      if (reply instanceof Error) throw reply
      const [next, keys] = listOf(reply)
      cursor = textOf(next) ?? '0'
      yield* buffersOf(keys).map(String)
    } while (cursor !== '0')
  }
}
