import { expect } from 'vitest'
import type { RecyclerEvents } from '../../src/events.ts'
import type { RecyclerOptions } from '../../src/options.ts'
import { createRecycler, type Recycler } from '../../src/recycler.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import { fakeEnforcer, type FakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { memoryJobSource, type MemoryJobSource } from '../../src/testing/memory-job-source.ts'
import { fakeStopRequests, type FakeStopRequests } from './fake-stop-requests.ts'

type Name = keyof RecyclerEvents

/** An event with its name and time, as it was heard. */
interface Heard {
  readonly name: Name
  readonly atMs: number
  readonly event: Record<string, unknown>
}

/** A recycler on fakes, with everything in hand. */
export interface Bench {
  readonly clock: FakeClock
  readonly source: MemoryJobSource
  readonly enforcer: FakeEnforcer
  readonly recycler: Recycler
  readonly stopRequests: FakeStopRequests
  /** Exit codes by which the process was ended. */
  readonly exits: readonly number[]
  /** All events but readings. */
  readonly heard: readonly Heard[]
  readonly phases: readonly string[]
  readonly names: () => readonly Name[]
  /** All events of this name. */
  readonly all: <N extends Name>(name: N) => readonly RecyclerEvents[N][0][]
  /** The event of this name that came last. */
  readonly last: <N extends Name>(name: N) => RecyclerEvents[N][0]
  /** When the recycler came to a phase. */
  readonly since: (phase: string) => number
  /** `adapter.call` of every `adapter:failed`. */
  readonly failedCalls: () => readonly string[]
  /** Moves time in steps until the recycler is in this phase. Fails after 500 steps. */
  readonly reach: (phase: string, stepMs?: number) => Promise<void>
  /** The same until all of these jobs run. */
  readonly runs: (ids: readonly string[]) => Promise<void>
}

const NAMES: readonly Name[] = [
  'phase:changed',
  'worker:started',
  'worker:failed',
  'jobs:recovered',
  'verdict:reached',
  'recycle:requested',
  'recycle:held',
  'recycle:observed',
  'limit:found-too-low',
  'stop:requested',
  'leaving:started',
  'profile:attempted',
  'job:handed-back',
  'recycle:finished',
  'worker:stopped',
  'monitor:failed',
  'adapter:failed',
  'hook:failed',
]

/** What may be given besides a recycler's options: fakes to look at, and wrapped ones to run. */
export interface BenchOptions extends Partial<RecyclerOptions> {
  readonly clock?: FakeClock
  /** The memory source behind `source`, if that is wrapped. */
  readonly memory?: MemoryJobSource
}

/**
 * Sets up a recycler: concurrency 4, a stop budget of 20 s (19 s less the margin: drain 13,300,
 * abort 2,850, hand-back 1,900, close 950), a hard limit of 1,000 bytes. There is no monitor unless
 * one is given.
 */
export function bench(options: BenchOptions = {}): Bench {
  const { memory, ...given } = options
  const clock = options.clock ?? fakeClock()
  const source = memory ?? memoryJobSource({ concurrency: 4 })
  const enforcer = fakeEnforcer({ stopBudgetMs: 20_000, limits: { hardBytes: 1000 } })
  const stopRequests = fakeStopRequests()
  const exits: number[] = []
  const recycler = createRecycler({
    source,
    enforcer,
    monitors: [],
    stopRequests: stopRequests.listen,
    exit: (code) => exits.push(code),
    ...given,
    clock,
  })
  const heard: Heard[] = []
  const phases = ['created']
  for (const name of NAMES) {
    recycler.on(name, (event) => heard.push({ name, atMs: clock.nowMs(), event: { ...event } }))
  }
  recycler.on('phase:changed', ({ to }) => phases.push(to))

  const all = <N extends Name>(name: N): RecyclerEvents[N][0][] =>
    heard.filter((each) => each.name === name).map(({ event }) => event as never)
  const until = async (done: () => boolean, what: string, stepMs: number) => {
    for (let step = 0; step < 500 && !done(); step++) await clock.advance(stepMs)
    expect(done(), `${what}, but the phases were: ${phases.join()}`).toBe(true)
  }
  return {
    clock,
    source,
    enforcer,
    recycler,
    stopRequests,
    exits,
    heard,
    phases,
    names: () => heard.map(({ name }) => name),
    all,
    last: (name) => {
      const found = all(name).at(-1)
      if (found) return found
      throw new Error(`No ${name} was heard, but: ${heard.map((each) => each.name).join()}`)
    },
    since: (phase) =>
      heard.find(({ name, event }) => name === 'phase:changed' && event['to'] === phase)?.atMs ??
      Number.NaN,
    failedCalls: () => all('adapter:failed').map(({ adapter, call }) => `${adapter}.${call}`),
    reach: (phase, stepMs = 0) => until(() => recycler.phase === phase, `To be ${phase}`, stepMs),
    runs: (ids) =>
      until(
        () => ids.every((id) => source.inFlight().some((lease) => lease.id === id)),
        `To run ${ids.join()}`,
        0,
      ),
  }
}

/** A bench whose worker runs these jobs. */
export interface Working extends Bench {
  readonly ids: readonly string[]
}

/** Sets up a recycler, starts it, and lets it run one job of each name. */
export async function working(
  names: readonly string[] = [],
  options: BenchOptions = {},
): Promise<Working> {
  const table = bench(options)
  const ids = names.map((name) => table.source.store.enqueue(name))
  await table.recycler.start()
  await table.runs(ids)
  return { ...table, ids }
}
