import { createRecycler, defaultPolicy, type Reading } from '@worker-recycler/core'
import { fakeClock, memoryJobSource } from '@worker-recycler/core/testing'
import { psiMonitor } from '../../src/psi-monitor.ts'
import { fakeRoot } from './fake-root.ts'
import { eventsText, pressureText, SERVICE, serviceTree, statText } from './trees.ts'

/** What a cgroup holds at one moment; counters are totals. */
export interface Moment {
  /** Anonymous and shared memory, and tmpfs: nothing takes it back but the process. */
  readonly anonBytes: number
  /** File pages, half of them active. */
  readonly cacheBytes?: number
  readonly stalledUs?: number
  readonly hostStalledUs?: number
  readonly high?: number
  readonly max?: number
}

/** What came of a curve. */
export interface Outcome {
  /** When the default policy first asked for a recycle; undefined when it never did. */
  readonly askedAtMs: number | undefined
  readonly urgency: string | undefined
  readonly readings: readonly Reading[]
}

/** The limit of the service whose memory is played. */
export const LIMIT_BYTES = 1_000_000_000

const STEP_MS = 500

/**
 * Plays a curve to a recycler with the default policy that acts on nothing, from a worker that is
 * warm: its minimum uptime is over. Threshold jitter is off, so that the figures are exact.
 */
export async function playCurve(forMs: number, curve: (atMs: number) => Moment): Promise<Outcome> {
  const clock = fakeClock()
  const tree = fakeRoot({ ...serviceTree(), [`${SERVICE}/memory.max`]: `${LIMIT_BYTES}\n` })
  const show = ({ anonBytes, cacheBytes = 0, ...counters }: Moment) => {
    const { stalledUs = 0, hostStalledUs = 0, high = 0, max = 0 } = counters
    const bytes = Math.round(anonBytes)
    const cache = Math.round(cacheBytes / 2)
    tree.set(`${SERVICE}/memory.current`, `${bytes + 2 * cache}\n`)
    tree.set(
      `${SERVICE}/memory.stat`,
      statText({ anon: bytes, inactive_file: cache, active_file: cache }),
    )
    tree.set(`${SERVICE}/memory.pressure`, pressureText(Math.round(stalledUs)))
    tree.set('/proc/pressure/memory', pressureText(Math.round(hostStalledUs)))
    tree.set(`${SERVICE}/memory.events`, eventsText({ high, max }))
    tree.set(`${SERVICE}/memory.events.local`, eventsText({ high, max }))
  }
  show(curve(0))
  const recycler = createRecycler({
    source: memoryJobSource(),
    monitors: [psiMonitor({ root: tree.root, env: {}, heap: false, process: false })],
    policy: defaultPolicy({ jitter: 0, minimumUptimeMs: 0 }),
    mode: 'observe',
    clock,
    exit: () => {},
    stopRequests: () => () => {},
  })
  let asked: { readonly atMs: number; readonly urgency: string } | undefined
  const readings: Reading[] = []
  recycler.on('recycle:observed', ({ urgency }) => {
    asked ??= { atMs: clock.nowMs(), urgency }
  })
  recycler.on('reading:taken', ({ reading }) => readings.push(reading))
  await recycler.start()
  for (let atMs = STEP_MS; atMs <= forMs; atMs += STEP_MS) {
    show(curve(atMs))
    await clock.advance(STEP_MS)
  }
  const stopped = recycler.stop()
  await clock.advance(60_000)
  await stopped
  return { askedAtMs: asked?.atMs, urgency: asked?.urgency, readings }
}
