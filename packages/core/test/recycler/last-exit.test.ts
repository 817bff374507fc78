import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LastExit } from '../../src/ledger/last-exit.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { fakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { memoryJobSource } from '../../src/testing/memory-job-source.ts'
import { ledgerOf } from '../ledger/ledger-of.ts'
import { bench, working } from './bench.ts'
import { pressing } from './pressing.ts'

const EPOCH_MS = Date.UTC(2026, 0, 1)
let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'last-exit-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const past = (atEpochMs: number, more: object = {}) => ({
  atEpochMs,
  series: 'hand/test.used',
  beforeBytes: 850,
  ...more,
})

/** Starts a successor that learns this of its predecessor. */
async function after(told: LastExit | undefined, file?: Ledger | string) {
  const ledgerPath = join(dir, `${Math.random()}.json`)
  if (file) await writeFile(ledgerPath, typeof file === 'string' ? file : JSON.stringify(file))
  const clock = fakeClock({ epochMs: EPOCH_MS })
  const enforcer = fakeEnforcer(told ? { lastExit: told } : {})
  return pressing([], { clock, enforcer, ledgerPath })
}

describe('the ledger', () => {
  it('reaches the successor through the enforcer, and with it the gap between the two', async () => {
    const old = await pressing()
    await old.press(850)
    const { enforcer, clock } = old
    await clock.advance(1500)
    const next = bench({ clock, enforcer: enforcer.successor() })
    await next.recycler.start()
    const { lastExit, restartGapMs } = next.last('worker:started')
    expect(lastExit?.ledger).toEqual(old.last('recycle:finished').ledger)
    expect(lastExit?.ledger?.recycles).toMatchObject([{ beforeBytes: 850 }])
    expect(restartGapMs).toBe(1500)
  })

  it('reaches the successor through a file where the enforcer keeps none', async () => {
    const ledgerPath = join(dir, 'new', 'ledger.json')
    const supports = { ledger: false, lastExit: false }
    const old = await pressing([], { ledgerPath, enforcer: fakeEnforcer({ supports }) })
    old.monitor.read(850)
    await old.recycler.stop()
    const next = await working([], { ledgerPath, enforcer: fakeEnforcer({ supports }) })
    const { lastExit } = next.last('worker:started')
    expect(lastExit).toMatchObject({ cause: 'stop', identity: old.recycler.identity })
    expect(lastExit?.ledger).toEqual(old.last('worker:stopped').ledger)
    expect(next.failedCalls()).toEqual([])
  })

  it('in a file is the last exit of one process only: the next one was killed, for all it says', async () => {
    const ledgerPath = join(dir, 'taken', 'ledger.json')
    const supports = { ledger: false, lastExit: false }
    const enforcer = () => fakeEnforcer({ supports })
    const old = await pressing([], { ledgerPath, enforcer: enforcer() })
    old.monitor.read(850)
    await old.clock.advance(0)
    await old.recycler.recycle()
    const killed = await working([], { ledgerPath, enforcer: enforcer() })
    expect(killed.last('worker:started').lastExit?.cause).toBe('recycle')
    const next = await working([], { ledgerPath, enforcer: enforcer() })
    expect(next.last('worker:started')).not.toHaveProperty('lastExit')
    await next.recycler.stop()
    expect(next.last('worker:stopped').ledger.recycles).toMatchObject([{ beforeBytes: 850 }])
  })

  it('tells what the successor learns of the memory after a recycle, once it is warm', async () => {
    const earlier = past(EPOCH_MS - 1000)
    const table = await after({ cause: 'recycle', ledger: ledgerOf({ recycles: [earlier] }) })
    await table.press(500)
    await table.clock.advance(30_000)
    await table.press(300)
    await table.press(400)
    await table.press(850)
    await table.recycler.recycle()
    const { recycles } = table.last('recycle:finished').ledger
    expect(recycles).toEqual([
      { ...earlier, afterBytes: 300 },
      { atEpochMs: EPOCH_MS + 30_000, series: 'hand/test.used', beforeBytes: 850 },
    ])
  })

  it('carries on no more than the last 20 recycles', async () => {
    const many = Array.from({ length: 20 }, (_, index) => past(index, { afterBytes: 1 }))
    const table = await after({ cause: 'recycle', ledger: ledgerOf({ recycles: many }) })
    await table.press(850)
    await table.recycler.recycle()
    const { recycles } = table.last('recycle:finished').ledger
    expect(recycles).toHaveLength(20)
    expect(recycles[0]?.atEpochMs).toBe(1)
    expect(recycles.at(-1)?.atEpochMs).toBe(EPOCH_MS)
  })

  it('carries on the earlier recycles through a stop, which is none itself', async () => {
    const ledger = ledgerOf({ recycles: [past(7)] })
    const table = await after({ cause: 'recycle', ledger })
    await table.recycler.stop()
    expect(table.last('worker:stopped').ledger.recycles).toEqual([past(7)])
  })
})

describe("the supervisor's word and the file", () => {
  const ledger = ledgerOf({ identity: 'a:1:abcdef', endedAtEpochMs: EPOCH_MS - 500 })

  it('complete each other when they speak of the same process', async () => {
    const told = { cause: 'memory', identity: 'a:1:abcdef', memoryPeakBytes: 990 } as const
    const table = await after(told, ledger)
    expect(table.last('worker:started')).toMatchObject({
      lastExit: { ...told, ledger, atEpochMs: EPOCH_MS - 500 },
      restartGapMs: 500,
    })
  })

  const OTHERS: Readonly<Record<string, LastExit>> = {
    'of another identity': { cause: 'memory', identity: 'b:2:abcdef' },
    'of another cause': { cause: 'memory' },
    'of another invocation': { cause: 'recycle', invocation: 'bcdef' },
  }
  for (const [what, told] of Object.entries(OTHERS)) {
    it(`are kept apart when the file is ${what}; its recycles still count`, async () => {
      const table = await after(told, { ...ledger, recycles: [past(7)] })
      expect(table.last('worker:started').lastExit).toEqual(told)
      expect(table.last('worker:started').restartGapMs).toBeUndefined()
      await table.recycler.stop()
      expect(table.last('worker:stopped').ledger.recycles).toEqual([past(7)])
    })
  }

  it('complete each other when they name the same invocation', async () => {
    const told = { cause: 'memory', invocation: 'abcdef' } as const
    const table = await after(told, ledger)
    expect(table.last('worker:started').lastExit).toMatchObject({ ...told, ledger })
  })

  it('say nothing of a gap when the wall clock was set back in between', async () => {
    const ahead = { ...ledger, endedAtEpochMs: EPOCH_MS + 3_600_000 }
    const table = await after(undefined, ahead)
    expect(table.last('worker:started').lastExit?.ledger).toEqual(ahead)
    expect(table.last('worker:started').restartGapMs).toBeUndefined()
  })

  it.each(['identity', 'invocation'] as const)(
    'name the dead worker whose jobs are put back by its %s',
    async (by) => {
      const old = await working(['paint'])
      old.source.crash()
      const { identity } = old.recycler
      const names = { identity, invocation: identity.split(':').at(-1) ?? '' }
      const lastExit = { cause: 'memory', [by]: names[by] } as const

      const memory = memoryJobSource({ store: old.source.store })
      const next = bench({ memory, enforcer: fakeEnforcer({ lastExit }) })
      await next.recycler.start()
      expect(next.last('jobs:recovered').recovered).toMatchObject([{ id: '1', to: 'queue' }])
    },
  )
})

describe('a ledger file that is of no use', () => {
  it('is reported and ignored when it is torn, and replaced at the end', async () => {
    const ledgerPath = join(dir, 'torn.json')
    await writeFile(ledgerPath, JSON.stringify(ledgerOf()).slice(0, 40))
    const table = await working([], { ledgerPath })
    expect(table.failedCalls()).toEqual(['ledger-file.read'])
    expect(table.last('worker:started').lastExit).toBeUndefined()
    await table.recycler.stop()
    const text = await readFile(ledgerPath, 'utf8')
    expect(JSON.parse(text)).toEqual(table.last('worker:stopped').ledger)
  })

  it('is reported when it cannot be written, and the exit goes on', async () => {
    const ledgerPath = join(dir, 'directory')
    await mkdir(ledgerPath)
    const table = await working([], { ledgerPath })
    const run = table.recycler.run()
    table.stopRequests.fire()
    await run
    expect(table.failedCalls()).toEqual(['ledger-file.read', 'ledger-file.save'])
    expect(table.exits).toEqual([0])
  })
})
