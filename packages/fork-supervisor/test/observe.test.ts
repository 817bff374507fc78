import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { createFarewell } from '../src/parent/farewell.ts'
import { resolveOptions } from '../src/resolve-options.ts'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const MIB = 1_048_576
const program = bundled()

describe('a recycler that only observes', () => {
  it('is asked once, declines, and is neither pressed nor killed before its hard limit', async () => {
    const { supervisor, said, seen, all } = stage(program('recycler'), {
      args: ['leak', 'observe'],
      limits: { softBytes: 150 * MIB, hardBytes: 500 * MIB },
    })
    await supervisor.start()
    const { identity, pid } = await seen('worker:recycle-declined')
    expect(await said('observed', pid)).toEqual({ observed: 'soft' })
    expect(supervisor.status()).toMatchObject({ recycling: [], waiting: [] })
    expect(await seen('worker:killed')).toMatchObject({ identity, reason: 'hard-limit' })
    expect(await seen('worker:died')).toMatchObject({ identity, cause: 'memory' })
    const its = <T extends { identity: string }>(events: T[]) =>
      events.filter((event) => event.identity === identity)
    const asked = { identity, urgency: 'soft', reasons: [{ code: 'soft_limit' }] }
    expect(its(all('worker:recycle-asked'))).toMatchObject([asked])
    expect(its(all('worker:recycle-declined'))).toMatchObject([asked])
  })

  it('declines what the operator asks for as well, each time, and stops as it is asked', async () => {
    const { supervisor, seen, next, all } = stage(program('recycler'), { args: ['observe'] })
    await supervisor.start()
    await seen('worker:ready')
    supervisor.recycle()
    await seen('worker:recycle-declined')
    const again = next('worker:recycle-declined')
    supervisor.recycle()
    expect(await again).toMatchObject({ urgency: 'hard', reasons: [{ code: 'requested' }] })
    await supervisor.stop()
    expect(all('worker:killed')).toEqual([])
    expect(all('worker:died')).toMatchObject([{ cause: 'stop', exitCode: 0 }])
  })
})

describe('a recycle that was declined', () => {
  /** Everything asked and told of a worker whose memory stays above its limit. */
  const farewell = () => {
    const clock = fakeClock()
    const options = resolveOptions({ script: 'worker.js', stopMs: 1000, deferMs: 5000, clock })
    const told: string[] = []
    return {
      clock,
      told,
      farewell: createFarewell({
        // Above any pid that Linux gives, should a signal be sent all the same.
        ref: { slot: 0, pid: 2 ** 30, identity: 'worker' },
        options,
        emit: (name) => void told.push(name),
        ask: () => 'ipc',
        isWanted: () => true,
        usedBytes: () => undefined,
        onSpared: () => void told.push('spared'),
      }),
    }
  }

  it.each(['soft', 'hard'] as const)('is not pressed, nor punished (%s)', async (urgency) => {
    const { clock, told, farewell: theFarewell } = farewell()
    theFarewell.askRecycle(urgency, [])
    theFarewell.heard('recycle')
    theFarewell.declined()
    await clock.advance(100_000)
    expect(told).toEqual(['worker:recycle-asked', 'worker:recycle-declined', 'spared'])
    expect([theFarewell.asked, clock.pending]).toEqual([undefined, 0])
  })

  it('does not take back a stop request, and cannot be declined when nobody asked', async () => {
    const { clock, told, farewell: theFarewell } = farewell()
    theFarewell.declined()
    theFarewell.askRecycle('soft', [])
    theFarewell.askStop()
    theFarewell.declined()
    await clock.advance(1000)
    expect(told).toEqual(['worker:recycle-asked', 'worker:stop-asked', 'worker:killed'])
  })
})
