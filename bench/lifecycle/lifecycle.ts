import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../test/bundle-programs.ts'
import type { Benchmark } from '../harness/benchmark.ts'
import { figure } from '../harness/figure.ts'
import { paired } from '../harness/paired.ts'
import { withoutRecycler, withRecycler } from './no-op-jobs.ts'
import { startPlain } from './plain.ts'
import { startSupervised } from './supervised.ts'

const ROUNDS = 15

const entry = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url))

/** How long a worker takes to leave and to come back, and what the recycler costs meanwhile. */
export const lifecycle: Benchmark = {
  about: 'verdict to exit when idle, death to new worker, cost on a no-op job',
  run: async (progress) => {
    const programs = await bundlePrograms({
      supervised: entry('supervised-worker'),
      plain: entry('plain-worker'),
    })
    const supervised = await startSupervised(programs.path('supervised'))
    const plain = await startPlain(programs.path('plain'))
    try {
      progress('verdict to exit')
      const exits = await paired({ ours: supervised.recycle, peer: plain.stopOne, rounds: ROUNDS })
      progress('death to new worker')
      const restarts = await paired({ ours: supervised.kill, peer: plain.kill, rounds: ROUNDS })
      progress('no-op jobs')
      const jobs = await paired({ ours: withRecycler, peer: withoutRecycler, rounds: ROUNDS })
      const figures = [
        figure({ name: 'idle worker: verdict to exit', unit: 'ms', target: '<= 250' }, exits.ours, {
          name: 'plain process: SIGTERM to exit',
          values: exits.peer,
        }),
        figure(
          {
            name: 'SIGKILL to new worker ready',
            unit: 'ms',
            target: '<= start of the application + 200',
          },
          restarts.ours,
          { name: 'plain fork: SIGKILL to ready', values: restarts.peer },
        ),
        figure({ name: 'no-op job with the recycler', unit: 'us/job', target: null }, jobs.ours, {
          name: 'the same source without it',
          values: jobs.peer,
        }),
      ]
      return { figures }
    } finally {
      await Promise.all([supervised.stop(), plain.stop()])
      programs.remove()
    }
  },
}
