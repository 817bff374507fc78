import { fakeClock } from '@worker-recycler/core/testing'
import { expect, it } from 'vitest'
import { createJudge } from '../../src/liveness/judge.ts'

const LEASE_MS = 12_000
const EVERY_MS = 4000

/** A judge that looks as often as it should. */
function watchfulJudge() {
  const clock = fakeClock()
  const judge = createJudge(clock, LEASE_MS, EVERY_MS)
  const lookFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += EVERY_MS) {
      await clock.advance(Math.min(EVERY_MS, ms - passed))
      judge.looked(0)
    }
  }
  return { clock, judge, lookFor }
}

it('passes no verdict before it has watched for one lease time', async () => {
  const { judge, lookFor } = watchfulJudge()
  expect(judge.isFit()).toBe(false)
  await lookFor(LEASE_MS - 1)
  expect(judge.isFit()).toBe(false)
  await lookFor(1)
  expect(judge.isFit()).toBe(true)
})

it('begins again when its connection was made anew', async () => {
  const { judge, lookFor } = watchfulJudge()
  await lookFor(LEASE_MS)
  judge.connected()
  expect(judge.isFit()).toBe(false)
  await lookFor(LEASE_MS - 1)
  expect(judge.isFit()).toBe(false)
  await lookFor(1)
  expect(judge.isFit()).toBe(true)
})

it('is unfit while it is stalled, and for one lease time after its next look', async () => {
  const { clock, judge, lookFor } = watchfulJudge()
  await lookFor(LEASE_MS)
  await clock.advance(EVERY_MS + LEASE_MS / 3)
  expect(judge.isFit()).toBe(true)
  await clock.advance(1)
  expect(judge.isFit()).toBe(false)
  judge.looked(0)
  expect(judge.isFit()).toBe(false)
  await lookFor(LEASE_MS - 1)
  expect(judge.isFit()).toBe(false)
  await lookFor(1)
  expect(judge.isFit()).toBe(true)
})

it('forgives a look that is a little late', async () => {
  const { clock, judge, lookFor } = watchfulJudge()
  await lookFor(LEASE_MS)
  await clock.advance(EVERY_MS + LEASE_MS / 3)
  judge.looked(LEASE_MS / 3)
  expect(judge.isFit()).toBe(true)
})

it("begins again when the server's clock has jumped", async () => {
  const { judge, lookFor } = watchfulJudge()
  await lookFor(LEASE_MS)
  judge.looked(LEASE_MS / 3 + 1)
  expect(judge.isFit()).toBe(false)
  await lookFor(LEASE_MS)
  expect(judge.isFit()).toBe(true)
})

it('counts the latest trouble, not the first', async () => {
  const { judge, lookFor } = watchfulJudge()
  await lookFor(LEASE_MS)
  judge.connected()
  await lookFor(LEASE_MS - 1)
  judge.looked(LEASE_MS)
  await lookFor(LEASE_MS - 1)
  expect(judge.isFit()).toBe(false)
  await lookFor(1)
  expect(judge.isFit()).toBe(true)
})
