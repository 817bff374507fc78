import { describe, expect, it } from 'vitest'
import { bundled } from './support/bundle.ts'
import { type Stage, stage } from './support/harness.ts'

const program = bundled()

async function allReady({ supervisor, seen }: Stage, workers: number) {
  await supervisor.start()
  await Promise.all(
    Array.from({ length: workers }, (_, slot) =>
      seen('worker:ready', (event) => event.slot === slot),
    ),
  )
}

/** The greatest number of processes, and of leaving ones, at any moment of the log. */
function mostAtOnce({ log }: Stage) {
  let processes = 0
  let recycling = 0
  let fewest = Infinity
  const most = { processes: 0, recycling: 0 }
  const leaving = new Set<string>()
  let full = false
  for (const { name, event } of log) {
    const { identity, leaving: how } = event as { identity: string; leaving?: string }
    if (name === 'worker:started') processes += 1
    if (name === 'worker:died') {
      processes -= 1
      if (leaving.delete(identity)) recycling -= 1
    }
    if (name === 'worker:stopping' && how === 'recycle') {
      leaving.add(identity)
      recycling += 1
    }
    if (name === 'supervisor:started') full = true
    if (name === 'supervisor:stopping') break
    if (full) fewest = Math.min(fewest, processes)
    most.processes = Math.max(most.processes, processes)
    most.recycling = Math.max(most.recycling, recycling)
  }
  return { ...most, fewest }
}

describe('recycling several workers', () => {
  it('recycles no more at once than allowed, in order, and says who waits', async () => {
    const theStage = stage(program('polite'), { workers: 4, maxRecycling: 1, args: ['leave=20'] })
    const { supervisor, seen, all } = theStage
    await allReady(theStage, 4)
    supervisor.recycle()
    supervisor.recycle()
    expect(supervisor.status()).toMatchObject({ recycling: [expect.any(String)] })
    expect(supervisor.status().waiting).toHaveLength(3)
    await Promise.all(
      [0, 1, 2, 3].map(async (slot) => {
        const { identity } = await seen('worker:restarted', (event) => event.slot === slot)
        await seen('worker:ready', (event) => event.identity === identity)
      }),
    )
    expect(all('worker:recycle-asked').map(({ slot }) => slot)).toEqual([0, 1, 2, 3])
    expect(new Set(all('worker:recycle-held').map(({ heldBy }) => heldBy.code))).toEqual(
      new Set(['too_many_recycling']),
    )
    expect(mostAtOnce(theStage)).toMatchObject({ recycling: 1, processes: 4, fewest: 3 })
  })

  it('asks the next one only when the replacement is ready', async () => {
    const theStage = stage(program('polite'), { workers: 2, maxRecycling: 1 })
    const { supervisor, seen, log } = theStage
    await allReady(theStage, 2)
    supervisor.recycle()
    await seen('worker:recycle-asked', ({ slot }) => slot === 1)
    const asked = log.findIndex(
      ({ name, event }) => name === 'worker:recycle-asked' && 'slot' in event && event.slot === 1,
    )
    const { identity } = await seen('worker:restarted', ({ slot }) => slot === 0)
    const ready = log.findIndex(
      ({ name, event }) =>
        name === 'worker:ready' && 'identity' in event && event.identity === identity,
    )
    expect(ready).toBeGreaterThan(-1)
    expect(ready).toBeLessThan(asked)
  })

  it('never drops below full strength with overlap, nor exceeds it by more than allowed', async () => {
    const theStage = stage(program('polite'), {
      workers: 3,
      maxRecycling: 2,
      overlap: true,
      args: ['leave=300'],
    })
    const { supervisor, seen, all } = theStage
    await allReady(theStage, 3)
    supervisor.recycle()
    await Promise.all(
      [0, 1, 2].map(async (slot) => {
        const { identity, predecessor } = await seen(
          'worker:restarted',
          (event) => event.slot === slot,
        )
        await seen('worker:ready', (event) => event.identity === identity)
        await seen('worker:died', (event) => event.identity === predecessor)
      }),
    )
    expect(mostAtOnce(theStage)).toMatchObject({ fewest: 3, processes: 5 })
    expect(all('worker:died').every(({ cause }) => cause === 'recycle')).toBe(true)
  })

  it('starts the replacement after the death when too many overlap already', async () => {
    const theStage = stage(program('polite'), {
      workers: 2,
      maxRecycling: 1,
      overlap: true,
      args: ['leave=300'],
    })
    const { children, seen } = theStage
    await allReady(theStage, 2)
    // By their own policy, without asking anybody.
    for (const child of children.values()) child.send('recycle')
    await Promise.all(
      [0, 1].map(async (slot) => {
        const { identity } = await seen('worker:restarted', (event) => event.slot === slot)
        await seen('worker:ready', (event) => event.identity === identity)
      }),
    )
    expect(mostAtOnce(theStage)).toMatchObject({ processes: 3, recycling: 2 })
  })

  it.each([false, true])('hands the ledger to the successor (overlap: %s)', async (overlap) => {
    const theStage = stage(program('polite'), { overlap })
    const { supervisor, said, seen } = theStage
    await allReady(theStage, 1)
    expect((await said('identity'))['lastExit']).toBeUndefined()
    // A worker that is gone before its memory was read has no peak.
    await seen('worker:measured')
    supervisor.recycle()
    const { pid, predecessor } = await seen('worker:restarted')
    const { lastExit } = await said('identity', pid)
    expect(lastExit).toMatchObject({
      cause: 'recycle',
      identity: predecessor,
      memoryPeakBytes: expect.any(Number),
      ledger: {
        version: 1,
        identity: predecessor,
        leaving: 'recycle',
        reasons: [{ code: 'requested' }],
      },
    })
  })

  it('tells the successor of a killed worker why it died', async () => {
    const theStage = stage(program('polite'))
    const { said, seen } = theStage
    await allReady(theStage, 1)
    const { pid, identity } = await seen('worker:started')
    process.kill(pid, 'SIGKILL')
    const { pid: next } = await seen('worker:restarted')
    expect((await said('identity', next))['lastExit']).toMatchObject({
      cause: 'signal',
      identity,
      exitSignal: 'SIGKILL',
    })
  })
})
