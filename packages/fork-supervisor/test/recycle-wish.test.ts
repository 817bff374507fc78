import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { createRecycleWish } from '../src/parent/recycle-wish.ts'
import type { WorkerProcess } from '../src/parent/worker-process.ts'
import type { Workshop } from '../src/parent/workshop.ts'
import { createPermitDesk } from '../src/permit/permit-desk.ts'
import { resolveOptions } from '../src/resolve-options.ts'

/** Two workers and one place, with what is asked of them written down. */
function bench() {
  const clock = fakeClock()
  const asked: string[] = []
  const desk = createPermitDesk({ cap: 1, placeMs: 600_000, clock })
  const options = resolveOptions({ script: 'worker.js', limits: { softBytes: 100 }, clock })
  const shop = { options, desk, emit: () => {} } as unknown as Workshop
  const worker = (identity: string) =>
    ({
      ref: { slot: 0, pid: 1, identity },
      farewell: { askRecycle: (urgency: string) => asked.push(`${identity}: ${urgency}`) },
      memory: { wanted: true, usedBytes: 200 },
      isReady: true,
      hears: true,
    }) as unknown as WorkerProcess
  const [busy, worn] = [worker('host:1:aaaaaa'), worker('host:2:bbbbbb')]
  createRecycleWish(shop).wanted(busy)
  return { asked, desk, worn, busy, wish: createRecycleWish(shop) }
}

describe('a recycle that the operator wants, and that waits for a place', () => {
  it('stays as pressing as it is when memory wants one, too', () => {
    const { asked, desk, worn, busy, wish } = bench()
    wish.requested(worn)
    wish.wanted(worn)
    desk.withdraw(busy.ref.identity)
    expect(asked).toEqual(['host:1:aaaaaa: soft', 'host:2:bbbbbb: hard'])
    desk.stop()
  })

  it('is not taken back when memory is well below the limit again', () => {
    const { asked, desk, worn, busy, wish } = bench()
    wish.requested(worn)
    wish.spared(worn)
    desk.withdraw(busy.ref.identity)
    expect(asked.at(-1)).toBe('host:2:bbbbbb: hard')
    desk.stop()
  })

  it('is taken back for memory that wanted it alone', () => {
    const { asked, desk, worn, busy, wish } = bench()
    wish.wanted(worn)
    wish.spared(worn)
    desk.withdraw(busy.ref.identity)
    expect(asked).toEqual(['host:1:aaaaaa: soft'])
    desk.stop()
  })
})
