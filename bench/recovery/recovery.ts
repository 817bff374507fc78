import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../test/bundle-programs.ts'
import { startRedis } from '../../test/redis/redis-server.ts'
import { withoutSidekiq } from '../../test/redis/sidekiq.ts'
import type { Benchmark } from '../harness/benchmark.ts'
import { inTurn } from '../harness/in-turn.ts'
import { spread } from '../harness/spread.ts'
import { byLease } from './by-lease.ts'
import { byBullmq, byGitlab } from './peers.ts'
import { told } from './told.ts'

const ROUNDS = 30

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** How long a killed worker's job is away, by each of the ways in which its death becomes known. */
export const recovery: Benchmark = {
  about: 'SIGKILL to requeued, by notice, command, successor and lease; takes three minutes',
  run: async (progress) => {
    const programs = await bundlePrograms({
      worker: path('fixtures/holding-worker.ts'),
      bullmq: path('fixtures/holding-bullmq.ts'),
      command: path('../../packages/redis-fetch/src/cli/main.ts'),
      'beat-thread': path('../../packages/redis-fetch/src/liveness/beat-thread.ts'),
    })
    try {
      const measured = await tellOf(programs.path, progress)
      const reason = withoutSidekiq()
      progress('lease, and peers that watch, all at once: two minutes')
      const [lease, bullmq, gitlab] = await Promise.all([
        byLease(programs.path('worker')),
        byBullmq(programs.path('bullmq')),
        reason === undefined ? byGitlab() : undefined,
      ])
      const row = (name: string, target: string | null, ours: readonly number[]) =>
        spread(
          { name: `SIGKILL to requeued, ${name}`, unit: 'ms' },
          target ? { p95: target } : {},
          ours,
          {
            name: "BullMQ's stalled check",
            values: bullmq,
          },
        )
      return {
        figures: [
          ...row('notice by API', '<= 1000', measured.get('byApi') ?? []),
          ...row('notice by command', '<= 1000', measured.get('byCommand') ?? []),
          ...row('successor by name', '<= 1000', measured.get('byName') ?? []),
          ...row('lease of 12 s', null, lease),
          ...(gitlab === undefined
            ? []
            : spread({ name: 'SIGKILL to requeued, lease of 12 s', unit: 'ms' }, {}, lease, {
                name: 'GitLab fetcher, cleanup every 5 s instead of 3600',
                values: gitlab,
              })),
        ],
        notes: reason === undefined ? [] : [`The GitLab fetcher was skipped: ${reason}`],
      }
    } finally {
      programs.remove()
    }
  },
}

async function tellOf(
  program: (name: string) => string,
  progress: (line: string) => void,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const server = await startRedis()
  const ways = told(server, { worker: program('worker'), command: program('command') })
  try {
    progress('told by API, by command, by the successor')
    const { byApi, byCommand, byName } = ways
    return await inTurn({ sides: { byApi, byCommand, byName }, rounds: ROUNDS, warmUps: 2 })
  } finally {
    await ways.close()
    await server.stop()
  }
}
