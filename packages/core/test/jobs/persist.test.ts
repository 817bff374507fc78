import { expect, it } from 'vitest'
import { persist } from '../../src/jobs/persist.ts'
import { places } from '../../src/jobs/places.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'

it('repeats until it is done, with a wait that doubles up to the longest', async () => {
  const clock = fakeClock()
  const waits: number[] = []
  let left = 4
  const done = persist(
    async () => {
      left -= 1
      if (left > 0) throw new Error(`${left} left`)
      return 'durable'
    },
    {
      clock,
      signal: new AbortController().signal,
      firstMs: 100,
      longestMs: 300,
      failed: (_error, waitMs) => waits.push(waitMs),
    },
  )
  for (let wait = 0; wait < 3; wait += 1) await clock.advance(300)
  expect(await done).toBe('durable')
  expect(waits).toEqual([100, 200, 300])
})

it('gives up with the last error when its signal aborts', async () => {
  const given = new AbortController()
  const failed = () => given.abort()
  const call = persist(() => Promise.reject(new Error('No space')), {
    clock: fakeClock(),
    signal: given.signal,
    firstMs: 100,
    longestMs: 300,
    failed,
  })
  await expect(call).rejects.toThrow('No space')
})

it.each([
  [10, 1, 10],
  [10, 0.5, 5],
  [10, 0.01, 1],
  [10, 0, 0],
  [10, 2, 10],
])('%i places at a share of %d are %i', (concurrency, share, expected) => {
  expect(places(concurrency, share)).toBe(expected)
})
