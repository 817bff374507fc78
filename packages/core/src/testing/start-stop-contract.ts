import assert from 'node:assert/strict'
import { isRecyclerError } from '../errors.ts'
import { DEFAULT_PATIENCE_MS, ended, turn, within } from './patience.ts'
import { report, type TestRunner } from './runner.ts'
import { inScope, type Harness, type TestBed } from './scope.ts'

/** Anything that is started once and stopped. */
export interface StartStop {
  start(): Promise<unknown>
  stop(): Promise<unknown>
}

/** What one rule plays with. */
export interface StartStopTestBed extends TestBed {
  /** A fresh service; called several times. */
  service(): StartStop
  /**
   * What still runs of the services of this test bed, in words: empty when all is put away. When it
   * cannot be seen, leave it out; the rules that need it are then reported as not run.
   */
  leaks?(): readonly string[] | Promise<readonly string[]>
}

/** How `startStopContract` reaches the service under test. */
export interface StartStopHarness extends Harness<StartStopTestBed> {
  /** Names the service in the title of the suite. */
  readonly name: string
  /** How many start and stop at the same time in the stress test. Defaults to 10. */
  readonly actors?: number
  /** How often each of them does. Defaults to 50. */
  readonly cycles?: number
}

/** How long the stress test may take, in the patience of one call. */
const STRESS_PATIENCE = 12

/** What everything with `start()` and `stop()` keeps, as tests: registers one test for each rule. */
export function startStopContract(runner: TestRunner, harness: StartStopHarness): void {
  const { actors = 10, cycles = 50, patienceMs = DEFAULT_PATIENCE_MS } = harness
  const start = (service: StartStop) => within(service.start(), 'start() to resolve', harness)
  const stop = (service: StartStop) => within(service.stop(), 'stop() to resolve', harness)
  const rule = (
    title: string,
    play: (create: () => StartStop, assertNothingRuns: () => Promise<void>) => Promise<void>,
  ) =>
    runner.it(title, () =>
      inScope(harness, (bed) =>
        play(
          () => bed.service(),
          async () => assert.deepEqual((await bed.leaks?.()) ?? [], []),
        ),
      ),
    )

  runner.describe(`start and stop contract: ${harness.name}`, () => {
    rule('stop() before start() does nothing', async (create) => {
      await stop(create())
    })

    rule('stop() a second time does nothing', async (create) => {
      const service = create()
      await start(service)
      await stop(service)
      await stop(service)
    })

    rule('start() after stop() rejects with ILLEGAL_PHASE', async (create) => {
      const service = create()
      await start(service)
      await stop(service)
      await assert.rejects(start(service), assertIllegal)
    })

    rule('start() after a stop() that came first rejects with ILLEGAL_PHASE', async (create) => {
      const service = create()
      await stop(service)
      await assert.rejects(start(service), assertIllegal)
    })

    rule(
      'two starts at once start once: the second waits for the first, or is refused',
      async (create, assertNothingRuns) => {
        const service = create()
        const starts = await Promise.allSettled([start(service), start(service)])
        const refused = starts.filter((each) => each.status === 'rejected')
        for (const { reason } of refused) assertIllegal(reason)
        assert.ok(refused.length < 2, 'one of them must start the service')
        await stop(service)
        await assertNothingRuns()
      },
    )

    if (!harness.create('contract-supports').leaks) {
      report(runner, 'leaks: the harness cannot see what still runs')
    } else {
      rule('stop() resolves when nothing runs any more', async (create, assertNothingRuns) => {
        const service = create()
        await start(service)
        await stop(service)
        await assertNothingRuns()
      })

      rule(
        'every one of several stops at once resolves when nothing runs any more',
        async (create, assertNothingRuns) => {
          const service = create()
          await start(service)
          const first = stop(service)
          await stop(service)
          await assertNothingRuns()
          await first
        },
      )

      rule(
        'stop() while start() is under way leaves nothing running',
        async (create, assertNothingRuns) => {
          const service = create()
          // A start that its stop overtakes may resolve or be refused.
          const starting = ended(start(service))
          await stop(service)
          await starting
          await assertNothingRuns()
        },
      )
    }

    rule(
      'many started and stopped at once, in every order, leave nothing running',
      async (create, assertNothingRuns) => {
        const actor = async (index: number) => {
          for (let cycle = 0; cycle < cycles; cycle += 1) {
            const service = create()
            const starting = ended(service.start())
            // Between none and four turns after start(): before, while and after it is under way.
            for (let turns = (index + cycle) % 5; turns > 0; turns -= 1) await turn()
            await Promise.all([
              service.stop(),
              starting,
              cycle % 3 === 0 ? service.stop() : undefined,
            ])
          }
        }
        const all = Promise.all(Array.from({ length: actors }, (_, index) => actor(index)))
        await within(all, 'all services to stop', {
          ...harness,
          patienceMs: patienceMs * STRESS_PATIENCE,
        })
        await assertNothingRuns()
      },
    )
  })
}

function assertIllegal(error: unknown): true {
  assert.ok(isRecyclerError(error, 'ILLEGAL_PHASE'), `rejected with ${String(error)}`)
  return true
}
