import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMIT_BYTES, playCurve } from '../kit/play-curve.ts'

const MIB = 1_048_576
const MINUTE_MS = 60_000
const share = (ratio: number) => ratio * LIMIT_BYTES
/** When memory that grows from a base at a steady rate reaches the limit. */
const fullAtMs = (baseBytes: number, bytesPerSec: number) =>
  ((LIMIT_BYTES - baseBytes) / bytesPerSec) * 1000

describe('memory that only grows', () => {
  it.each([
    ['1 MB/s, for 13 minutes', 1_000_000],
    ['10 MB/s', 10_000_000],
    ['50 MB/s', 50_000_000],
  ])('at %s leads to a recycle before the limit', async (_rate, bytesPerSec) => {
    const base = share(0.2)
    const full = fullAtMs(base, bytesPerSec)
    const { askedAtMs = Infinity } = await playCurve(full, (atMs) => ({
      anonBytes: base + (bytesPerSec * atMs) / 1000,
    }))
    expect(askedAtMs).toBeLessThan(full)
    expect((askedAtMs / 1000) * bytesPerSec + base).toBeGreaterThanOrEqual(share(0.7))
  })

  it('is recycled softly when it is slow, with minutes to spare', async () => {
    const bytesPerSec = 1_000_000
    const full = fullAtMs(share(0.5), bytesPerSec)
    const { askedAtMs = Infinity, urgency } = await playCurve(full, (atMs) => ({
      anonBytes: share(0.5) + (bytesPerSec * atMs) / 1000,
    }))
    expect(urgency).toBe('soft')
    expect(full - askedAtMs).toBeGreaterThan(MINUTE_MS)
  })

  it('is never missed, whatever its rate, its base and its noise', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 40 }),
        fc.float({ min: Math.fround(0.05), max: Math.fround(0.6), noNaN: true }),
        fc.float({ min: 0, max: Math.fround(0.02), noNaN: true }),
        async (megabytesPerSec, baseShare, noiseShare) => {
          const bytesPerSec = megabytesPerSec * 1_000_000
          const full = fullAtMs(share(baseShare), bytesPerSec)
          const { askedAtMs = Infinity } = await playCurve(full, (atMs) => ({
            anonBytes:
              share(baseShare) +
              (bytesPerSec * atMs) / 1000 +
              share(noiseShare) * Math.sin(atMs * 7.3),
          }))
          expect(askedAtMs).toBeLessThan(full)
        },
      ),
      { numRuns: 8, seed: 4 },
    )
  })

  it('is counted though it lies in tmpfs or shared memory', async () => {
    // Such pages are on the anonymous lists; `memory.current` holds them, the file lists do not.
    const { askedAtMs } = await playCurve(3 * MINUTE_MS, (atMs) => ({
      anonBytes: share(0.3) + Math.min(share(0.6), 5 * MIB * (atMs / 1000)),
    }))
    expect(askedAtMs).toBeDefined()
  })
})

describe('memory that looks alarming and is not', () => {
  it('a burst of 20 s to 0.88 of the limit is no reason', async () => {
    const { askedAtMs } = await playCurve(5 * MINUTE_MS, (atMs) => ({
      anonBytes: share(atMs >= 100_000 && atMs < 120_000 ? 0.88 : 0.4),
    }))
    expect(askedAtMs).toBeUndefined()
  })

  it('a sawtooth of garbage collections is none, whatever its height below 0.78 and its period', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 150 }),
        fc.float({ min: Math.fround(0.4), max: Math.fround(0.77), noNaN: true }),
        async (periodSec, topShare) => {
          const periodMs = periodSec * 1000
          const { askedAtMs } = await playCurve(6 * MINUTE_MS, (atMs) => ({
            anonBytes: share(0.2) + share(topShare - 0.2) * ((atMs % periodMs) / periodMs),
          }))
          expect(askedAtMs).toBeUndefined()
        },
      ),
      { numRuns: 5, seed: 9 },
    )
  })

  it('page cache that fills the cgroup to its limit is none, though the kernel counts `high` and `max`', async () => {
    const { askedAtMs, readings } = await playCurve(5 * MINUTE_MS, (atMs) => {
      const cacheBytes = Math.min(share(0.7), 50 * MIB * (atMs / 1000))
      const full = cacheBytes === share(0.7)
      const counts = full ? Math.floor(atMs / 100) : 0
      return { anonBytes: share(0.3), cacheBytes, high: counts, max: counts, stalledUs: atMs * 30 }
    })
    expect(askedAtMs).toBeUndefined()
    expect(readings.some(({ events }) => (events?.max ?? 0) > 0)).toBe(true)
    expect(readings.every(({ usedBytes = 0 }) => usedBytes <= share(0.31))).toBe(true)
  })

  it('the pages that a forked child copies are none while they stay below 0.70, and it gives them back', async () => {
    const { askedAtMs } = await playCurve(6 * MINUTE_MS, (atMs) => {
      const copied = Math.max(0, Math.min(1, ((atMs % 90_000) - 60_000) / 25_000))
      return { anonBytes: share(0.42) * (1 + 0.6 * copied) }
    })
    expect(askedAtMs).toBeUndefined()
  })

  it('stalls with memory to spare are none, as no recycle cures them', async () => {
    const { askedAtMs, readings } = await playCurve(4 * MINUTE_MS, (atMs) => ({
      anonBytes: share(0.4),
      stalledUs: atMs * 500,
    }))
    expect(askedAtMs).toBeUndefined()
    expect(readings.some(({ stall }) => (stall?.someMs ?? 0) >= 900)).toBe(true)
  })

  it('stalls of the host alone are none, even with most memory in use', async () => {
    const { askedAtMs, readings } = await playCurve(4 * MINUTE_MS, (atMs) => ({
      anonBytes: share(0.68),
      hostStalledUs: atMs * 900,
    }))
    expect(askedAtMs).toBeUndefined()
    expect(readings.some(({ hostStall }) => (hostStall?.someMs ?? 0) >= 1000)).toBe(true)
  })
})

describe('stalls of the own cgroup', () => {
  it('with most memory in use lead to a recycle', async () => {
    const { askedAtMs, urgency } = await playCurve(4 * MINUTE_MS, (atMs) => ({
      anonBytes: share(0.68),
      stalledUs: Math.max(0, atMs - MINUTE_MS) * 300,
    }))
    expect(urgency).toBe('soft')
    expect(askedAtMs).toBeGreaterThan(MINUTE_MS)
  })
})
