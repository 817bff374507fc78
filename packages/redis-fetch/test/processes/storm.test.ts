import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { expectAllDoneOnce } from './audit.ts'
import type { ChildWorker } from './child-worker.ts'
import { fixturePrograms } from './programs.ts'
import { LAYOUTS, testFleet } from './test-fleet.ts'

const reason = withoutRedis()
const ROUNDS = 8
const CHILDREN = 3
const JOBS = 400
const CONCURRENCY = 4
/** A storm is repeated by the seed in its title. */
const SEED = Number(process.env['STORM_SEED'] ?? Math.floor(Math.random() * 2 ** 32))

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe.skipIf(reason)(`a storm of SIGKILL${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const program = fixturePrograms()

  it.each(LAYOUTS)(
    `%s: ${ROUNDS} rounds of ${CHILDREN} workers (STORM_SEED=${SEED}): lost 0, completed twice 0`,
    async (layout) => {
      const random = numbersFrom(SEED)
      const upTo = (most: number) => Math.floor(random() * most)
      const fleet = testFleet(redis, layout, program('worker'), { maxInterruptions: 1000 })
      const { log } = fleet
      const plans = Array.from({ length: JOBS }, () => ({ do: 'work', ms: upTo(16) }) as const)
      const ids = await fleet.enqueue(plans)
      const allDone = log.until(async () => (await fleet.left()) === 0)
      const killed = new Set<string>()

      const kill = async (worker: ChildWorker, after: number, notices: number): Promise<void> => {
        const own = () => log.lines('run').filter(({ by }) => by === worker.identity).length
        // A worker that came to an empty table is killed as well.
        await Promise.race([log.until(() => own() >= after), allDone])
        await worker.kill()
        killed.add(worker.identity)
        await Promise.all(Array.from({ length: notices }, () => fleet.bury(worker, 'crash')))
      }
      for (let round = 0; round < ROUNDS; round += 1) {
        const fates = Array.from({ length: CHILDREN }, () => [1 + upTo(12), 1 + upTo(3)] as const)
        await Promise.all(
          fates.map(async ([after, notices]) =>
            kill(
              await fleet.start({ concurrency: CONCURRENCY, heartbeat: 'loop' }),
              after,
              notices,
            ),
          ),
        )
      }
      const last = await fleet.start({ concurrency: CONCURRENCY })
      await allDone
      expect(await last.kill('SIGTERM')).toEqual({ code: 0, signal: null })
      expect(killed.size).toBe(ROUNDS * CHILDREN)
      await expectAllDoneOnce(fleet, ids, killed)
      expect(log.lines('run').length).toBeLessThanOrEqual(JOBS + killed.size * CONCURRENCY)
    },
  )
})
