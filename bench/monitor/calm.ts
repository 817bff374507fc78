import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Findings } from '../harness/benchmark.ts'
import { figure, median, rounded } from '../harness/figure.ts'
import { endChild, messageOf } from './child.ts'
import { hostFiles, writeHost } from './fake-host.ts'
import type { CalmWorker, Weight } from './fixtures/calm-worker.ts'

const ROUNDS = 3
/** Of each way in a round, as memory differs from process to process. */
const COPIES = 2
/** For starting, compiling, and the first samples. */
const WARM_UP_MS = 4000
const WATCHED_MS = 20_000

/** What one process used while it was watched. */
interface Cost {
  readonly cpuShare: number
  readonly rssBytes: number
  readonly heapBytes: number
}

/**
 * What watching costs while all is calm, beside the same process that watches nothing. All are idle, so
 * that they can run side by side.
 */
export async function calm(program: string, progress: (line: string) => void): Promise<Findings> {
  const host = mkdtempSync(join(tmpdir(), 'worker-recycler-host-'))
  writeHost(host, hostFiles(0.3))
  const ways = {
    nothing: { how: 'nothing', root: '/' },
    'a timer of 1 s that does nothing': { how: 'timer', root: '/' },
    'psiMonitor, files of cgroup v2': { how: 'psi', root: host },
    'psiMonitor, this machine': { how: 'psi', root: '/' },
    'psiMonitor, this machine, thread': { how: 'thread', root: '/' },
    'rssMonitor, every 1 s': { how: 'rss', root: '/' },
    'RSS every 30 s, as PM2': { how: 'rss30', root: '/' },
  } as const satisfies Record<string, CalmWorker>
  const costs = new Map<keyof typeof ways, Cost[]>()
  try {
    for (let round = 0; round < ROUNDS; round++) {
      progress(`cost when calm: ${round + 1} of ${ROUNDS}`)
      const names = Array.from(
        { length: COPIES },
        () => Object.keys(ways) as (keyof typeof ways)[],
      ).flat()
      const measured = await Promise.all(names.map((name) => costOf(program, ways[name])))
      for (const [index, name] of names.entries()) {
        const cost = measured[index]
        if (cost) costs.set(name, [...(costs.get(name) ?? []), cost])
      }
    }
  } finally {
    rmSync(host, { recursive: true, force: true })
  }
  const of = (name: keyof typeof ways, what: keyof Cost) =>
    median((costs.get(name) ?? []).map((cost) => cost[what]))
  const more = (name: keyof typeof ways, what: keyof Cost) => of(name, what) - of('nothing', what)
  const row = (name: keyof typeof ways, peer: keyof typeof ways, isTargeted: boolean) => {
    const pair = (what: keyof Cost, factor: number) =>
      [[factor * more(name, what)], { name: peer, values: [factor * more(peer, what)] }] as const
    return [
      figure(
        { name: `${name}: CPU more`, unit: '% of a core', target: isTargeted ? '<= 0.03' : null },
        ...pair('cpuShare', 100),
      ),
      figure(
        { name: `${name}: RSS more`, unit: 'MiB', target: isTargeted ? '<= 1' : null },
        ...pair('rssBytes', 2 ** -20),
      ),
      figure(
        { name: `${name}: heap more`, unit: 'MiB', target: isTargeted ? '<= 1' : null },
        ...pair('heapBytes', 2 ** -20),
      ),
    ]
  }
  return {
    figures: [
      ...row('psiMonitor, files of cgroup v2', 'rssMonitor, every 1 s', true),
      ...row('psiMonitor, this machine', 'rssMonitor, every 1 s', true),
      ...row('psiMonitor, this machine, thread', 'rssMonitor, every 1 s', false),
    ],
    tables: [
      {
        title: `An idle process in ${WATCHED_MS / 1000} s, median of ${ROUNDS * COPIES}, least and most`,
        head: ['watches by', '% of a core', 'RSS MiB', 'heap MiB'],
        rows: [...costs].map(([name, all]) => [
          name,
          range(all.map(({ cpuShare }) => 100 * cpuShare)),
          range(all.map(({ rssBytes }) => rssBytes / 2 ** 20)),
          range(all.map(({ heapBytes }) => heapBytes / 2 ** 20)),
        ]),
      },
    ],
  }
}

function range(values: readonly number[]): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)]
  return `${rounded(middle)} (${rounded(least)} to ${rounded(most)})`
}

async function costOf(program: string, worker: CalmWorker): Promise<Cost> {
  const child = fork(program, [JSON.stringify(worker)], { execArgv: ['--expose-gc'] })
  const ask = () => {
    const weight = messageOf<Weight>(child)
    child.send('weigh')
    return weight
  }
  try {
    await messageOf(child)
    await pause(WARM_UP_MS)
    const before = await ask()
    await pause(WATCHED_MS)
    const after = await ask()
    const watches = worker.how === 'psi' || worker.how === 'thread' || worker.how === 'rss'
    if (watches && after.readings === before.readings) throw new Error('The monitor told nothing')
    return {
      cpuShare: after.cpuMs / after.spanMs,
      rssBytes: after.rssBytes,
      heapBytes: after.heapBytes,
    }
  } finally {
    await endChild(child)
  }
}
