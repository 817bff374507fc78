import assert from 'node:assert/strict'
import type { Monitor, Reading } from '../contracts/monitor.ts'
import { systemClock } from '../process/clock.ts'
import { assertDeclared } from './declared.ts'
import type { FakeClock } from './fake-clock.ts'
import { assertReading } from './monitor/reading.ts'
import { abortedSignal, within } from './patience.ts'
import { report, type TestRunner } from './runner.ts'
import { inScope, type Harness, type TestBed } from './scope.ts'

/** What one rule of the monitor contract plays with. */
export interface MonitorTestBed extends TestBed {
  /** A monitor that has something to measure. */
  monitor(): Monitor
  /**
   * Moves the monitor's time. Leave it out for a monitor that lives by events or in another thread:
   * it is then given the system's clock, and the rules on timers are reported as not run.
   */
  readonly clock?: FakeClock
  /** Brings about another reading, where time alone does not. */
  provoke?(): void | Promise<void>
}

/** How `monitorContract` reaches the adapter under test. */
export type MonitorHarness = Harness<MonitorTestBed>

/** One watch of a monitor, reading by reading. */
interface Watch {
  /** The next reading, without moving time. */
  readonly next: () => Promise<IteratorResult<Reading, unknown>>
  /** The next reading, whatever it takes to get one. */
  readonly await: () => Promise<Reading>
  /** Breaks off the loop, as `break` does. */
  readonly leave: () => Promise<unknown>
  readonly abort: () => void
}

interface MonitorScene {
  readonly bed: MonitorTestBed
  readonly monitor: Monitor
  readonly watch: (signal?: AbortSignal) => Watch
}

/** The contract of monitors as tests: registers one test for each rule. */
export function monitorContract(runner: TestRunner, harness: MonitorHarness): void {
  const wait = <T>(promise: Promise<T>, what: string) => within(promise, what, harness)
  const rule = (title: string, play: (scene: MonitorScene) => void | Promise<void>) =>
    runner.it(title, () =>
      inScope(harness, async (bed) => {
        const opened: Watch[] = []
        const monitor = bed.monitor()
        const watch = (signal?: AbortSignal) => {
          const each = open(bed, monitor, wait, signal)
          opened.push(each)
          return each
        }
        try {
          await play({ bed, monitor, watch })
        } finally {
          for (const each of opened) each.abort()
        }
      }),
    )
  const sample = harness.create('contract-supports')

  runner.describe(`monitor contract: ${sample.monitor().name}`, () => {
    rule('declares what it supports', ({ monitor }) => {
      assertDeclared(monitor, 'monitor', { outOfLoop: undefined, excludesPageCache: undefined })
    })

    rule('yields the first reading at once', async ({ watch }) => {
      const first = await wait(watch().next(), 'the first reading')
      assert.equal(first.done, false)
    })

    rule('readings are facts with units', async ({ watch }) => {
      const watching = watch()
      for (let count = 0; count < 3; count += 1) assertReading(await watching.await())
    })

    rule('readings name their monitor', async ({ watch, monitor }) => {
      assert.equal((await watch().await()).monitor, monitor.name)
    })

    rule('the time of readings is of the clock, and never goes back', async ({ watch, bed }) => {
      const clock = bed.clock ?? systemClock
      const watching = watch()
      let lastMs = -Infinity
      for (let count = 0; count < 3; count += 1) {
        const { atMs } = await watching.await()
        assert.ok(atMs >= lastMs, `${atMs} comes after ${lastMs}`)
        assert.ok(atMs <= clock.nowMs(), `${atMs} is in the future of ${clock.nowMs()}`)
        lastMs = atMs
      }
    })

    rule('ends promptly on abort, without an error', async ({ watch }) => {
      const watching = watch()
      await watching.await()
      const pending = watching.next()
      watching.abort()
      let last = await wait(pending, 'the end of the watch')
      // A reading may have been on its way.
      if (last.done !== true) last = await wait(watching.next(), 'the end of the watch')
      assert.equal(last.done, true)
    })

    rule('yields nothing when its signal has aborted before', async ({ watch }) => {
      const { done } = await wait(watch(abortedSignal()).next(), 'the end of the watch')
      assert.equal(done, true)
    })

    rule('two watches are independent', async ({ watch }) => {
      const one = watch()
      const other = watch()
      await one.await()
      await other.await()
      one.abort()
      await other.await()
    })

    rule('can be watched again', async ({ watch }) => {
      const before = watch()
      await before.await()
      before.abort()
      await watch().await()
    })

    if (!sample.clock) {
      report(runner, 'timers: this test bed has no clock that counts them')
      return
    }
    rule('leaves no timer behind when its signal aborts', async ({ watch, bed }) => {
      const watching = watch()
      await watching.await()
      const pending = watching.next()
      watching.abort()
      await wait(pending, 'the end of the watch')
      assert.equal(bed.clock?.pending, 0)
    })

    rule('leaves no timer behind when the reader breaks off', async ({ watch, bed }) => {
      const watching = watch()
      await watching.await()
      await wait(watching.leave(), 'return() of the iterator')
      assert.equal(bed.clock?.pending, 0)
    })
  })
}

/** How far the clock is moved for a reading, in steps of a second. */
const LONGEST_PAUSE_S = 3600

function open(
  bed: MonitorTestBed,
  monitor: Monitor,
  wait: <T>(promise: Promise<T>, what: string) => Promise<T>,
  given?: AbortSignal,
): Watch {
  const controller = new AbortController()
  const signal = given ?? controller.signal
  const { clock } = bed
  const readings = monitor.watch({ signal, clock: clock ?? systemClock })[Symbol.asyncIterator]()
  let first = true

  const move = async (arrived: () => boolean) => {
    if (!first) await bed.provoke?.()
    first = false
    if (!clock) return
    for (let second = 0; second < LONGEST_PAUSE_S && !arrived(); second += 1) {
      await clock.advance(1000)
    }
  }
  return {
    next: () => readings.next(),
    await: async () => {
      let arrived = false
      const pending = readings.next().finally(() => {
        arrived = true
      })
      const [result] = await wait(Promise.all([pending, move(() => arrived)]), 'a reading')
      assert.equal(result.done, false, 'the watch ended by itself')
      return result.value
    },
    leave: async () => readings.return?.(),
    abort: () => controller.abort(),
  }
}
