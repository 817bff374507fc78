import { startRedis } from '../../test/redis/redis-server.ts'
import { type RoundCost, rounds } from '../fetch/load.ts'
import { type Figure, figure } from '../harness/figure.ts'
import { inTurn } from '../harness/in-turn.ts'
import type { ways as waysFromSources } from './with-adapter.ts'

const JOBS = 10_000
const ROUNDS = 5

/** What the adapter adds to a no-op job. */
export async function costPerJob(program: string): Promise<Figure[]> {
  // As built: the loader of the sources names every function that is made, which is some work a job.
  const { ways } = (await import(program)) as { ways: typeof waysFromSources }
  const figures: Figure[] = []
  for (const concurrency of [1, 10]) {
    const server = await startRedis()
    try {
      const raw = await server.raw()
      const { plain, adapter } = ways({ port: server.port, concurrency })
      const measured = await inTurn<RoundCost>({
        sides: {
          plain: rounds({ server, raw }, plain, JOBS),
          adapter: rounds({ server, raw }, adapter, JOBS),
        },
        rounds: ROUNDS,
      })
      const row = (unit: string, of: (cost: RoundCost) => number) =>
        figures.push(
          figure(
            { name: `no-op jobs with the adapter, c=${concurrency}`, unit, target: null },
            (measured.get('adapter') ?? []).map(of),
            { name: 'BullMQ alone', values: (measured.get('plain') ?? []).map(of) },
          ),
        )
      row('jobs/s', (cost) => cost.jobsPerSecond)
      row('us of worker CPU/job', ({ processUs, jobs }) => processUs / jobs)
      row('commands/job', ({ server: { commands }, jobs }) => commands / jobs)
    } finally {
      await server.stop()
    }
  }
  return figures
}
