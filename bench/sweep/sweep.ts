import { startRedis } from '../../test/redis/redis-server.ts'
import type { Benchmark } from '../harness/benchmark.ts'
import { type Figure, figure, rounded } from '../harness/figure.ts'
import type { Table } from '../harness/table.ts'
import { type Cost, costOf } from './cost-of.ts'
import {
  expiredLeases,
  gitlabHeartbeat,
  registerWorkers,
  renewLease,
  scanCleanup,
  tend,
} from './passes.ts'

const UNRELATED = [1_000, 10_000, 100_000, 1_000_000]
const WORKERS = [10, 100, 1_000, 10_000]
const INTERVALS_S = [1, 10, 60, 600, 3600]
/** How often our keeper looks, with the lease's default. */
const OURS_S = 4
const GITLAB_HEARTBEAT_S = 20

/** What was measured at one size. */
interface Size {
  readonly keys: number
  readonly workers: number
  readonly scan: Cost
  readonly leases: Cost
  readonly keeper: Cost
  readonly another: Cost
  readonly beat: Cost
  readonly heartbeat: Cost
}

/** What looking for dead workers costs the server, by how many keys and workers there are. */
export const sweep: Benchmark = {
  about: 'looking for dead workers: a SCAN cleanup beside our leases, to 1 M keys and 10 k workers',
  run: async (progress) => {
    const sizes: Size[] = []
    for (const keys of UNRELATED) {
      for (const workers of WORKERS) {
        progress(`${keys} unrelated keys, ${workers} workers`)
        sizes.push(await measure(keys, workers))
      }
    }
    return {
      figures: figuresOf(sizes),
      tables: [passTable(sizes), intervalTable(sizes), beatTable(sizes)],
    }
  },
}

async function measure(keys: number, workers: number): Promise<Size> {
  const server = await startRedis({ args: ['--enable-debug-command', 'local'] })
  try {
    const raw = await server.raw()
    await raw.command('DEBUG', 'POPULATE', keys)
    await registerWorkers(raw, workers)
    const cost = (sent: readonly string[], once: (on: typeof raw) => Promise<unknown>) =>
      costOf(raw, sent, () => once(raw))
    return {
      keys,
      workers,
      scan: await cost(['scan', 'get'], scanCleanup),
      leases: await cost(['zrangebyscore'], expiredLeases),
      keeper: await cost(['evalsha'], tend('keeper')),
      another: await cost(['evalsha'], tend('another')),
      beat: await cost(['evalsha'], renewLease),
      heartbeat: await cost(['set'], gitlabHeartbeat),
    }
  } finally {
    await server.stop()
  }
}

function figuresOf(sizes: readonly Size[]): Figure[] {
  return sizes.map(({ keys, workers, leases, scan }) =>
    figure(
      { name: `a sweep, ${keys} keys, ${workers} workers`, unit: 'us of server CPU', target: null },
      [leases.cpuUs],
      { name: 'SCAN cleanup', values: [scan.cpuUs] },
    ),
  )
}

function passTable(sizes: readonly Size[]): Table {
  return {
    title: 'One sweep. In the TEND script: what the keeper pays more than another worker.',
    head: [
      'keys',
      'workers',
      'SCAN: ms CPU',
      'commands',
      'ms from begin to end',
      'ours alone: us CPU',
      'us in the command',
      'in TEND: us in the script',
    ],
    rows: sizes.map(({ keys, workers, scan, leases, keeper, another }) => [
      keys,
      workers,
      rounded(scan.cpuUs / 1000),
      Math.round(scan.commands),
      rounded(scan.wallUs / 1000),
      rounded(leases.cpuUs),
      rounded(leases.commandUs),
      rounded(keeper.commandUs - another.commandUs),
    ]),
  }
}

/** Load in % of one core, computed from one sweep. */
function intervalTable(sizes: readonly Size[]): Table {
  const share = (cost: Cost, seconds: number) => percent((100 * cost.cpuUs) / 1e6 / seconds)
  return {
    title: 'CPU of the server for SCAN cleanups at an interval, in % of one core, and for ours',
    head: [
      'keys',
      'workers',
      ...INTERVALS_S.map((seconds) => `SCAN / ${seconds} s`),
      'commands/s at 60 s',
      ...[1, OURS_S].map((seconds) => `ours / ${seconds} s`),
    ],
    rows: sizes.map(({ keys, workers, scan, leases }) => [
      keys,
      workers,
      ...INTERVALS_S.map((seconds) => share(scan, seconds)),
      rounded(scan.commands / 60),
      share(leases, 1),
      share(leases, OURS_S),
    ]),
  }
}

const percent = (value: number) => (value < 0.001 ? '< 0.001' : rounded(value))

/** What all living workers send so that the dead are noticed, in % of one core. */
function beatTable(sizes: readonly Size[]): Table {
  const most = sizes.filter(({ keys }) => keys === UNRELATED.at(-1))
  return {
    title: `What the living send: ours BEAT and TEND every ${OURS_S} s, the GitLab fetcher SET every ${GITLAB_HEARTBEAT_S} s`,
    head: [
      'workers',
      'BEAT: us CPU',
      'TEND: us CPU',
      'SET: us CPU',
      'ours: commands/s',
      'ours: % CPU',
      'SET: commands/s',
      'SET: % CPU',
    ],
    rows: most.map(({ workers, beat, another, heartbeat }) => {
      const eachUs = beat.cpuUs + another.cpuUs
      return [
        workers,
        rounded(beat.cpuUs),
        rounded(another.cpuUs),
        rounded(heartbeat.cpuUs),
        rounded((2 * workers) / OURS_S),
        rounded((workers * eachUs) / OURS_S / 1e4),
        rounded(workers / GITLAB_HEARTBEAT_S),
        rounded((workers * heartbeat.cpuUs) / GITLAB_HEARTBEAT_S / 1e4),
      ]
    }),
  }
}
