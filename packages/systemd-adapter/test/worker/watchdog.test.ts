import { fakeClock } from '@worker-recycler/core/testing'
import { expect, it } from 'vitest'
import { startWatchdog } from '../../src/worker/watchdog.ts'

/** A watchdog of so many beats, whose process is 7. */
function watched(env: Readonly<Record<string, string>>) {
  const clock = fakeClock()
  const beatsMs: number[] = []
  const stop = startWatchdog({ env, pid: 7, clock, beat: () => beatsMs.push(clock.nowMs()) })
  return { clock, beatsMs, stop }
}

it('beats at once, and then three times in the time after which systemd kills', async () => {
  const { clock, beatsMs } = watched({ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '7' })
  await clock.advance(3000)
  expect(beatsMs).toEqual([0, 1000, 2000, 3000])
})

it('has one timer of the event loop, set after each beat: a blocked loop sends none, and makes up for none', async () => {
  const { clock, beatsMs } = watched({ WATCHDOG_USEC: '3000000' })
  expect(clock.pending).toBe(1)
  await clock.advance(999)
  expect(beatsMs).toEqual([0])
  await clock.advance(1)
  expect(beatsMs).toEqual([0, 1000])
  expect(clock.pending).toBe(1)
})

it('beats no more once it is stopped', async () => {
  const { clock, beatsMs, stop } = watched({ WATCHDOG_USEC: '3000000' })
  await clock.advance(1000)
  stop()
  await clock.advance(60_000)
  expect(beatsMs).toEqual([0, 1000])
  expect(clock.pending).toBe(0)
})

it.each([
  ['is not there', {}],
  ['is another process’s', { WATCHDOG_USEC: '3000000', WATCHDOG_PID: '8' }],
  ['is of no time', { WATCHDOG_USEC: '0', WATCHDOG_PID: '7' }],
  ['is of an empty time', { WATCHDOG_USEC: '' }],
  ['is no number', { WATCHDOG_USEC: 'often' }],
])('does nothing where a watchdog %s', async (_title, env: Readonly<Record<string, string>>) => {
  const { clock, beatsMs } = watched(env)
  await clock.advance(60_000)
  expect(beatsMs).toEqual([])
  expect(clock.pending).toBe(0)
})
