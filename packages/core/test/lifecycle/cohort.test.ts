import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LifecycleEvent } from '../../src/lifecycle/lifecycle-event.ts'
import { ENDED, WORKING } from '../../src/lifecycle/phase.ts'
import { INITIAL, reduce, type LifecycleState } from '../../src/lifecycle/reducer.ts'

/** A worker that leaks at its own rate, and needs some ticks for each step of leaving and starting. */
interface Simulated {
  state: LifecycleState
  used: number
  readonly leak: number
  readonly drainTicks: number
  busyTicks: number
}

const reasons = [{ code: 'used', message: 'leaks' }]

interface Outcome {
  readonly leastWorking: number
  readonly recycles: number
  readonly mostAtOnce: number
}

/** Runs a cohort on nothing but the reducer; permits are places, kept until the successor works. */
function simulate(size: number, max: number, seed: number, ticks: number): Outcome {
  const random = fc.sample(fc.integer({ min: 1, max: 8 }), { seed, numRuns: size * 2 })
  const workers: Simulated[] = Array.from({ length: size }, (_, index) => ({
    state: INITIAL,
    used: 0,
    leak: 1 + (random[index] ?? 1) / 100,
    drainTicks: random[size + index] ?? 1,
    busyTicks: 0,
  }))
  const permits = new Set<Simulated>()
  let recycles = 0

  const send = (worker: Simulated, event: LifecycleEvent) => {
    const step = reduce(worker.state, event)
    worker.state = step.state
    for (const effect of step.effects) {
      if (effect === 'askPermit') {
        const granted = permits.has(worker) || permits.size < max
        if (granted) permits.add(worker)
        send(worker, { type: granted ? 'permitGranted' : 'permitDenied' })
      }
      if (effect === 'releasePermit') permits.delete(worker)
      if (effect === 'stopFetching') worker.busyTicks = worker.drainTicks
      if (effect === 'end') recycles += 1
    }
  }
  const live = (worker: Simulated) => {
    if (WORKING.has(worker.state.phase)) {
      worker.used += worker.leak
      const wanted = worker.used > 80
      send(
        worker,
        wanted
          ? {
              type: 'verdict',
              verdict: { action: 'recycle', urgency: 'soft', reasons, heldBy: [] },
            }
          : { type: 'verdict', verdict: { action: 'keep', reasons: [] } },
      )
      if (worker.state.phase === 'held') send(worker, { type: 'permitRetry' })
      return
    }
    if (worker.busyTicks > 0) {
      worker.busyTicks -= 1
      return
    }
    if (ENDED.has(worker.state.phase)) {
      // The successor boots; its readiness gives the inherited place back.
      Object.assign(worker, { state: INITIAL, used: 0, busyTicks: 2 })
      return
    }
    if (worker.state.phase === 'created') send(worker, { type: 'start' })
    if (worker.state.phase === 'starting') {
      send(worker, { type: 'ready' })
      permits.delete(worker)
      return
    }
    for (const type of ['quiesced', 'idle', 'closed'] as const) send(worker, { type })
  }

  let leastWorking = size
  let mostAtOnce = 0
  for (const worker of workers)
    for (const type of ['start', 'ready'] as const) send(worker, { type })
  for (let tick = 0; tick < ticks; tick++) {
    workers.forEach(live)
    const working = workers.filter(({ state }) => WORKING.has(state.phase)).length
    leastWorking = Math.min(leastWorking, working)
    mostAtOnce = Math.max(mostAtOnce, permits.size)
  }
  return { leastWorking, recycles, mostAtOnce }
}

describe('a cohort of 500 workers that all leak', () => {
  it('never has less than 75 % of its capacity, and recycles all the same', () => {
    const outcome = simulate(500, 125, 7, 2000)
    expect(outcome.leastWorking).toBeGreaterThanOrEqual(375)
    expect(outcome.mostAtOnce).toBeLessThanOrEqual(125)
    expect(outcome.recycles).toBeGreaterThan(5000)
  })

  it('would lose capacity without the cap: the simulation can tell', () => {
    expect(simulate(500, 500, 7, 2000).leastWorking).toBeLessThan(375)
  })

  it('keeps its capacity for any size and seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.integer(), (size, seed) => {
        const max = Math.max(1, Math.floor(size * 0.25))
        expect(simulate(size, max, seed, 300).leastWorking).toBeGreaterThanOrEqual(size - max)
      }),
      { numRuns: 30 },
    )
  })
})
