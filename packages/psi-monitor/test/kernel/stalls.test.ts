import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Reading, systemClock } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundledPrograms } from '../../../../test/bundle.ts'
import type { PsiMonitorOptions } from '../../src/options.ts'
import { type PsiMonitor, psiMonitor } from '../../src/psi-monitor.ts'
import { reason, skipped, startDisturber, startThrasher } from './thrasher.ts'

const at = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))
const program = bundledPrograms({ thrash: at('thrash'), disturb: at('disturb') })

const THRESHOLD_MS = 100
/** Asleep with a trigger that others starve, it looks every 5 s only. */
const PATIENCE_MS = 180_000
const stalledMs = ({ stall }: Reading) => stall?.someMs ?? 0
const isStalled = (reading: Reading) => stalledMs(reading) >= THRESHOLD_MS

/** For how long some process has stalled, as the kernel counts. */
const totalUs = (cgroup: string) =>
  Number(/some .*total=(\d+)/.exec(readFileSync(`${cgroup}/memory.pressure`, 'utf8'))?.[1])

interface Watch {
  readonly monitor: PsiMonitor
  readonly readings: Reading[]
  /** The next reading that is like this. */
  readonly next: (fits: (reading: Reading) => boolean) => Promise<Reading>
}

function watch(options: PsiMonitorOptions): Watch {
  const monitor = psiMonitor({ thresholdMs: THRESHOLD_MS, env: {}, ...options })
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const watching = monitor.watch({ clock: systemClock, signal: controller.signal })
  const iterator = watching[Symbol.asyncIterator]()
  const readings: Reading[] = []
  return {
    monitor,
    readings,
    next: async (fits) => {
      for (;;) {
        const { done, value } = await iterator.next()
        if (done === true) throw new Error('The watch ended by itself')
        readings.push(value)
        if (fits(value)) return value
      }
    },
  }
}

describe.skipIf(reason)(`a stall for want of memory${skipped}`, () => {
  it('is told, with the usage and the limit that cgroup v1 keeps', async () => {
    const { pid, v1, v2, thrash } = await startThrasher(program('thrash'))
    const { monitor, next } = watch({ target: { pid }, trigger: 'off' })
    const first = await next(() => true)
    expect(first).toMatchObject({
      metric: 'cgroup.unreclaimable',
      limitBytes: 64 * 1_048_576,
      limitedBy: `${v1}/memory.limit_in_bytes`,
    })
    expect(monitor.sources()).toMatchObject([
      { source: 'usage', state: 'live', path: v1 },
      { source: 'process', state: 'off' },
      { source: 'memory-events', state: 'refused', path: v2 },
      { source: 'stall-total', state: 'live', path: `${v2}/memory.pressure` },
      { source: 'systemd-watch', state: 'off' },
      { source: 'stall-trigger', state: 'off' },
      { source: 'host-pressure', state: 'live' },
    ])
    await thrash(true)
    const told = await next(isStalled)
    expect(stalledMs(told)).toBeLessThanOrEqual(told.stall?.windowMs ?? 0)
    // The file pages that fill it to its limit are not in use.
    expect(told.usedBytes).toBeLessThan(32 * 1_048_576)
    await thrash(false)
    await next((reading) => !isStalled(reading))
  })

  it.each([
    [50, 'on'],
    [500, 'on'],
    [50, 'off'],
  ] as const)(
    'is not missed though another process reads the totals every %d ms (trigger: %s)',
    async (everyMs, trigger) => {
      const { pid, v2, thrash } = await startThrasher(program('thrash'))
      const { more } = await startDisturber(program('disturb'), v2, everyMs)
      const { monitor, next } = watch({ target: { pid }, trigger })
      await next(() => true)
      const report = monitor.sources().find(({ source }) => source === 'stall-trigger')
      expect(report?.state).toBe(trigger === 'on' ? 'live' : 'off')
      const stallOnce = async () => {
        await thrash(true)
        await next(isStalled)
        await thrash(false)
        await next((reading) => !isStalled(reading))
      }
      await stallOnce()
      await stallOnce()
      // It read all the while.
      if (everyMs < 500) await more()
    },
    PATIENCE_MS,
  )

  // Every read weighs what it collects by whole ticks (nsecs_to_jiffies in kernel/sched/psi.c): who
  // reads more often than the kernel ticks takes the stalls away from everybody.
  it('is told as far as the kernel still counts it, where another process reads every 0.5 ms', async () => {
    const { pid, v2, thrash } = await startThrasher(program('thrash'))
    const { next, readings } = watch({ target: { pid }, trigger: 'off' })
    await next(() => true)
    await next((reading) => reading.stall !== undefined && !isStalled(reading))
    readings.length = 0
    const beforeUs = totalUs(v2)
    const { more } = await startDisturber(program('disturb'), v2, 0.5)
    await thrash(true)
    for (let hundred = 0; hundred < 20; hundred += 1) await more()
    await thrash(false)
    await next(() => true)
    const countedMs = (totalUs(v2) - beforeUs) / 1000
    for (const reading of readings) expect(stalledMs(reading)).toBeLessThanOrEqual(countedMs)
  })

  it('is not told of an idle cgroup, though others write triggers into its file all the time', async () => {
    const { pid, v2 } = await startThrasher(program('thrash'))
    const { monitor, next, readings } = watch({ target: { pid }, trigger: 'on' })
    await next(() => true)
    // What it was started with is over.
    await next((reading) => reading.stall !== undefined && !isStalled(reading))
    readings.length = 0
    const { more } = await startDisturber(program('disturb'), v2, 0)
    let isOver = false
    const disturbed = (async () => {
      await more()
      isOver = true
    })()
    await next(() => isOver)
    await disturbed
    expect(readings.length).toBeGreaterThan(0)
    expect(readings.filter(isStalled)).toEqual([])
    const report = monitor.sources().find(({ source }) => source === 'stall-trigger')
    expect(report?.state).toBe('live')
  })
})
