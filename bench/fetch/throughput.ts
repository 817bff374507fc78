import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../test/bundle-programs.ts'
import { startRedis } from '../../test/redis/redis-server.ts'
import { withoutSidekiq } from '../../test/redis/sidekiq.ts'
import { type Figure, figure } from '../harness/figure.ts'
import { inTurn } from '../harness/in-turn.ts'
import { brpop } from './brpop.ts'
import { bullmq } from './bullmq.ts'
import { type RoundCost, rounds, type Way } from './load.ts'
import type { ours as oursFromSources } from './ours.ts'
import { ruby } from './ruby.ts'

const JOBS = 20_000
/** How often each way is measured at a concurrency; the targets are for 10. */
const ROUNDS: ReadonlyMap<number, number> = new Map([
  [1, 2],
  [10, 5],
  [50, 2],
])

const PEERS = ['BRPOP', 'BullMQ', 'Sidekiq', 'GitLab fetcher'] as const
const OURS = ['native', 'native, 3 queues', 'sidekiq layout', 'native, recycler'] as const

/** No-op jobs a second, and what each costs the server. */
export async function throughput(progress: (line: string) => void): Promise<Figure[]> {
  // As built: the loader of the sources names every function that is made, which is some work a job.
  const programs = await bundlePrograms({
    ours: fileURLToPath(new URL('ours.ts', import.meta.url)),
  })
  try {
    const { ours } = (await import(programs.path('ours'))) as { ours: Ours }
    const figures: Figure[] = []
    for (const concurrency of ROUNDS.keys()) {
      figures.push(...(await at(concurrency, ours, progress)))
    }
    return figures
  } finally {
    programs.remove()
  }
}

type Ours = typeof oursFromSources

async function at(
  concurrency: number,
  ours: Ours,
  progress: (line: string) => void,
): Promise<Figure[]> {
  const server = await startRedis()
  try {
    const { port, url } = server
    const raw = await server.raw()
    const queues = ['high', 'middle', 'default']
    const ways: Record<string, Way> = {
      BRPOP: brpop({ port, concurrency }),
      native: ours({ url, concurrency }),
      'native, 3 queues': ours({ url, concurrency, queues }),
      'sidekiq layout': ours({ url, concurrency, layout: 'sidekiq' }),
      'native, recycler': ours({ url, concurrency, recycler: true }),
      BullMQ: bullmq({ port, concurrency }),
      ...(withoutSidekiq() === undefined && {
        Sidekiq: ruby({ url, raw, concurrency, reliable: false }),
        'GitLab fetcher': ruby({ url, raw, concurrency, reliable: true }),
      }),
    }
    progress(`no-op jobs, ${concurrency} at once: ${Object.keys(ways).join('; ')}`)
    const sides = Object.fromEntries(
      Object.entries(ways).map(([name, way]) => [name, rounds({ server, raw }, way, JOBS)]),
    )
    const times = ROUNDS.get(concurrency) ?? 1
    return compare(concurrency, await inTurn({ sides, rounds: times }))
  } finally {
    await server.stop()
  }
}

type Measured = ReadonlyMap<string, readonly RoundCost[]>

function compare(concurrency: number, measured: Measured): Figure[] {
  const figures: Figure[] = []
  const row = (
    what: Pick<Figure, 'unit' | 'target'> & { readonly name: string; readonly peer?: string },
    of: (cost: RoundCost) => number,
  ): void => {
    const peer = measured.get(what.peer ?? '')
    figures.push(
      figure(
        { name: `${what.name}, c=${concurrency}`, unit: what.unit, target: what.target },
        (measured.get(what.name) ?? []).map(of),
        peer && { name: what.peer ?? '', values: peer.map(of) },
      ),
    )
  }
  const each = (of: (cost: RoundCost['server']) => number) => (cost: RoundCost) =>
    of(cost.server) / cost.jobs
  for (const peer of PEERS) {
    if (!measured.has(peer)) continue
    const target = peer === 'BRPOP' && concurrency === 10 ? '>= 1.0 x, goal 2 x' : null
    row({ name: 'native', peer, unit: 'jobs/s', target }, (cost) => cost.jobsPerSecond)
  }
  for (const name of OURS.slice(1)) {
    const peer = name.endsWith('recycler') ? 'native' : 'BRPOP'
    row({ name, peer, unit: 'jobs/s', target: null }, (cost) => cost.jobsPerSecond)
  }
  for (const name of [...OURS, 'BullMQ']) {
    const what = { name, peer: 'BRPOP', unit: 'us of worker CPU/job', target: null }
    row(what, ({ processUs, jobs }) => processUs / jobs)
  }
  const isTarget = (name: string) => name === 'native'
  for (const name of [...OURS.slice(0, 3), ...PEERS.slice(1)]) {
    if (!measured.has(name)) continue
    const target = (text: string) => (isTarget(name) ? text : null)
    const cost = { name, peer: 'BRPOP' }
    row(
      { ...cost, unit: 'us in commands/job', target: target('<= 1') },
      each((c) => c.commandUs),
    )
    row(
      { ...cost, unit: 'us of server CPU/job', target: null },
      each((c) => c.cpuUs),
    )
    row(
      { ...cost, unit: 'commands/job', target: target('<= 2') },
      each((c) => c.commands),
    )
    row(
      { ...cost, unit: 'round trips/job', target: target('<= 1') },
      each((c) => c.reads),
    )
  }
  return figures
}
