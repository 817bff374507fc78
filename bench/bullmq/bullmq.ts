import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../test/bundle-programs.ts'
import { startRedis } from '../../test/redis/redis-server.ts'
import type { Benchmark } from '../harness/benchmark.ts'
import { spread } from '../harness/spread.ts'
import { costPerJob } from './cost-per-job.ts'
import { killToRerun, killToRerunPlain } from './kill-to-rerun.ts'

const ROUNDS = 20

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** What the adapter does for workers of BullMQ, and what it costs them. */
export const bullmq: Benchmark = {
  about: 'BullMQ with and without the adapter: SIGKILL to re-run, cost per job; two minutes',
  run: async (progress) => {
    const programs = await bundlePrograms({
      worker: path('fixtures/holding-worker.ts'),
      ways: path('with-adapter.ts'),
    })
    const server = await startRedis()
    try {
      progress('no-op jobs, with and without')
      const costs = await costPerJob(programs.path('ways'))
      progress('SIGKILL to re-run, told by the exit of the child')
      const ours: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        ours.push(await killToRerun(server, programs.path('worker'), round))
      }
      progress("SIGKILL to re-run by BullMQ's defaults: two minutes")
      const plain = await killToRerunPlain(server, programs.path('worker'))
      const what = { name: 'SIGKILL to re-run', unit: 'ms' }
      const peer = { name: "BullMQ's stalled check", values: plain }
      return { figures: [...spread(what, { p95: '<= 1000' }, ours, peer), ...costs] }
    } finally {
      await server.stop()
      programs.remove()
    }
  },
}
