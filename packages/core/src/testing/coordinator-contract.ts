import assert from 'node:assert/strict'
import type { Coordinator, Permit, PermitRequest } from '../contracts/coordinator.ts'
import { assertDeclared } from './declared.ts'
import { abortedSignal, ended, idleSignal, within } from './patience.ts'
import { group, report, type TestRunner } from './runner.ts'
import { inScope, type Harness, type TestBed } from './scope.ts'

/** Where the permits of one rule are kept. */
export interface CoordinatorTestBed extends TestBed {
  /** Another process's coordinator on the same permits. */
  coordinator(): Coordinator
  /**
   * Lets this much time pass for the permits. When it cannot be done, leave it out; the rules on
   * lapsing are then reported as not run.
   */
  pass?(ms: number): void | Promise<void>
}

/** How `coordinatorContract` reaches the adapter under test. */
export type CoordinatorHarness = Harness<CoordinatorTestBed>

const TTL_MS = 60_000

/** The contract of coordinators as tests: registers one test for each rule. */
export function coordinatorContract(runner: TestRunner, harness: CoordinatorHarness): void {
  const options = () => ({ signal: idleSignal() })
  const request = (holder: string, more: Partial<PermitRequest> = {}): PermitRequest => ({
    cohort: 'painters',
    max: 1,
    ttlMs: TTL_MS,
    holder,
    ...more,
  })
  const rule = (
    title: string,
    play: (
      acquire: (from: PermitRequest, by?: Coordinator) => Promise<Permit | null>,
      bed: CoordinatorTestBed,
    ) => Promise<void>,
  ) =>
    runner.it(title, () =>
      inScope(harness, async (bed) => {
        const opened: Coordinator[] = []
        const open = () => {
          const coordinator = bed.coordinator()
          opened.push(coordinator)
          return coordinator
        }
        const acquire = (from: PermitRequest, by = open()) =>
          within(by.acquire(from, options()), 'acquire() to resolve', harness)
        try {
          await play(acquire, bed)
        } finally {
          for (const each of opened) await each.stop?.(options())
        }
      }),
    )

  const sample = harness.create('contract-supports')
  const { name, supports } = sample.coordinator()
  runner.describe(`coordinator contract: ${name}`, () => {
    rule('declares what it supports', async (_acquire, bed) => {
      assertDeclared(bed.coordinator(), 'coordinator', { ttl: undefined })
    })

    rule('gives a permit that names its cohort and its holder', async (acquire) => {
      const permit = await acquire(request('a'))
      assert.equal(permit?.cohort, 'painters')
      assert.equal(permit.holder, 'a')
    })

    rule('says null when the places are taken', async (acquire) => {
      assert.ok(await acquire(request('a')))
      assert.equal(await acquire(request('b')), null)
    })

    rule('never gives more places than there are, however many ask at once', async (acquire) => {
      const holders = Array.from({ length: 20 }, (_, index) => `holder-${index}`)
      const permits = await Promise.all(holders.map((each) => acquire(request(each, { max: 3 }))))
      assert.equal(permits.filter((permit) => permit !== null).length, 3)
    })

    rule('gives a holder that asks again the same place, not a second one', async (acquire) => {
      assert.ok(await acquire(request('a', { max: 2 })))
      assert.ok(await acquire(request('a', { max: 2 })), 'the holder asks again')
      assert.ok(await acquire(request('b', { max: 2 })), 'the other place')
    })

    rule('gives a holder its place again although all are taken', async (acquire) => {
      assert.ok(await acquire(request('a')))
      assert.ok(await acquire(request('a')))
    })

    rule('release() gives the place to another', async (acquire) => {
      const permit = await acquire(request('a'))
      await permit?.release(options())
      assert.ok(await acquire(request('b')))
    })

    rule('release() a second time takes no place from another', async (acquire) => {
      const permit = await acquire(request('a'))
      await permit?.release(options())
      assert.ok(await acquire(request('b')))
      await permit?.release(options())
      assert.equal(await acquire(request('c')), null)
    })

    rule('a permit may be released by the successor of its holder', async (acquire, bed) => {
      const gone = bed.coordinator()
      assert.ok(await acquire(request('a'), gone))
      await gone.stop?.(options())
      const permit = await acquire(request('a'))
      await permit?.release(options())
      assert.ok(await acquire(request('b')))
    })

    rule('cohorts have places of their own', async (acquire) => {
      assert.ok(await acquire(request('a')))
      assert.ok(await acquire(request('b', { cohort: 'glaziers' })))
    })

    rule('acquire() with an aborted signal ends promptly', async (_acquire, bed) => {
      const call = bed.coordinator().acquire(request('a'), { signal: abortedSignal() })
      await within(ended(call), 'acquire() to end', harness)
    })

    rule('stop() a second time does nothing', async (_acquire, bed) => {
      const coordinator = bed.coordinator()
      await coordinator.stop?.(options())
      await coordinator.stop?.(options())
    })

    const lapsing = () => {
      rule('a permit lapses when its time is over', async (acquire, bed) => {
        assert.ok(await acquire(request('a')))
        await bed.pass?.(TTL_MS + 1)
        assert.ok(await acquire(request('b')))
      })

      rule('a permit does not lapse before its time', async (acquire, bed) => {
        assert.ok(await acquire(request('a')))
        await bed.pass?.(TTL_MS / 2)
        assert.equal(await acquire(request('b')), null)
      })

      rule(
        'the late release of a lapsed permit takes no place from another',
        async (acquire, bed) => {
          const late = await acquire(request('a'))
          await bed.pass?.(TTL_MS + 1)
          assert.ok(await acquire(request('b')))
          await late?.release(options())
          assert.equal(await acquire(request('c')), null)
        },
      )
    }
    if (supports.ttl && !sample.pass) {
      report(runner, 'lapsing: no time can be made to pass on this test bed')
    } else group(runner, 'lapsing', lapsing, supports.ttl ? false : 'not supported by this adapter')
  })
}
