import type { RecyclerEvents } from '../../src/events.ts'
import { createRecycler, type Recycler } from '../../src/recycler.ts'
import type { RecyclerOptions } from '../../src/options.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import { fakeEnforcer, type FakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { memoryJobSource, type MemoryJobSource } from '../../src/testing/memory-job-source.ts'

/** An event with its name, as it was heard. */
export interface Heard {
  readonly name: keyof RecyclerEvents
  readonly event: Record<string, unknown>
}

/** A recycler on fakes, with everything in hand. */
export interface Bench {
  readonly clock: FakeClock
  readonly source: MemoryJobSource
  readonly enforcer: FakeEnforcer
  readonly recycler: Recycler
  readonly heard: readonly Heard[]
  readonly phases: readonly string[]
  names(): readonly string[]
  /** The event of this name that came last. */
  last<Name extends keyof RecyclerEvents>(name: Name): RecyclerEvents[Name][0]
}

const NAMES: (keyof RecyclerEvents)[] = [
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

/** Sets up a recycler. Concurrency is 4; there is no monitor unless one is given. */
export function bench(options: Partial<RecyclerOptions> = {}): Bench {
  const clock = fakeClock()
  const source = memoryJobSource({ concurrency: 4 })
  const enforcer = fakeEnforcer({ stopBudgetMs: 20_000, limits: { hardBytes: 1000 } })
  const recycler = createRecycler({ source, enforcer, monitors: [], clock, ...options })
  const heard: Heard[] = []
  const phases = ['created']
  for (const name of NAMES) recycler.on(name, (event) => heard.push({ name, event: { ...event } }))
  recycler.on('phase:changed', ({ to }) => phases.push(to))
  return {
    clock,
    source,
    enforcer,
    recycler,
    heard,
    phases,
    names: () => heard.map(({ name }) => name),
    last: (name) => {
      const found = heard.findLast((each) => each.name === name)
      if (!found) throw new Error(`No event ${name} was heard, but: ${heard.map((h) => h.name).join()}`)
      return found.event as never
    },
  }
}
