import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock } from '@worker-recycler/core/testing'
import { expect, it } from 'vitest'
import { deadWorker } from './dead-worker.ts'
import { directoryOracle, encodedIdentity } from './directory-oracle.ts'
import { inProcessWorker } from './in-process-worker.ts'
import { scratchDirectory } from './scratch-directory.ts'

/** A worker of another container: its pid means nothing here, but it beats. */
async function strangeWorker(heartbeatMs: number) {
  const dead = await deadWorker(1)
  const record = join(dead.dir, 'workers', `${dead.encoded}.json`)
  const known: object = JSON.parse(readFileSync(record, 'utf8'))
  writeFileSync(record, JSON.stringify({ ...known, pidNamespace: 'pid:[1]', heartbeatMs }))
  return { ...dead, record }
}

it('a worker of another container is recovered when its heartbeat has stopped', async () => {
  const clock = fakeClock()
  const { dir, queue } = await strangeWorker(3000)
  expect((await queue.recover()).recovered).toEqual([])
  const worker = inProcessWorker({ dir, clock })
  await worker.start()
  // Time stands still while a look is under way: a look that takes seconds is taken for a stall.
  const { pending } = clock
  while (worker.runs.length === 0) {
    await clock.advance(1000)
    while (clock.pending < pending && worker.runs.length === 0) await clock.advance(0)
  }
  expect(clock.nowMs()).toBeGreaterThanOrEqual(9000)
  expect(worker.runs[0]?.context.delivery.lastCause).toBe('unknown')
})

it.each([
  ['beats', 3000, true],
  ['was never to beat', 0, false],
])('a worker of another container that %s is left alone', async (_, heartbeatMs, beats) => {
  const clock = fakeClock()
  const { dir, identity, ids, record } = await strangeWorker(heartbeatMs)
  const worker = inProcessWorker({ dir, clock })
  await worker.start()
  for (let look = 0; look < 10; look += 1) {
    // Each look ends with the timer of the next.
    const { pending } = clock
    const beat = beats ? look + 1 : 0
    utimesSync(record, beat, beat)
    await clock.advance(10_000)
    while (clock.pending < pending) await clock.advance(0)
  }
  expect(directoryOracle(dir).held(identity)).toEqual(ids)
})

it('a worker that is to beat renews its record, and stops with it', async () => {
  const dir = scratchDirectory()
  const clock = fakeClock({ epochMs: Date.UTC(2030, 0, 1) })
  const worker = inProcessWorker({ dir, clock, heartbeatMs: 2000 })
  await worker.start()
  const record = join(dir, 'workers', `${encodedIdentity(worker.identity)}.json`)
  const written = statSync(record).mtimeMs
  while (statSync(record).mtimeMs === written) await clock.advance(1000)
  const first = statSync(record).mtimeMs
  expect(first).toBeGreaterThanOrEqual(Date.UTC(2030, 0, 1) + 2000)
  while (statSync(record).mtimeMs === first) await clock.advance(1000)
  await worker.stop()
  expect(clock.pending).toBe(0)
})
