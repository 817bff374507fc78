import { type Reading, systemClock } from '@worker-recycler/core'
import { onTestFinished } from 'vitest'
import type { KernelFiles } from '../../src/kernel/kernel-files.ts'
import { systemFiles } from '../../src/kernel/system-files.ts'
import type { PsiMonitorOptions } from '../../src/options.ts'
import { resolveOptions } from '../../src/resolve-options.ts'
import { startSampler } from '../../src/sampler.ts'
import type { SourceName, SourceReport } from '../../src/sources/source.ts'

/** A sampler of the real kernel that is looked at from inside. */
export interface RealSampler {
  readonly readings: Reading[]
  readonly failures: unknown[]
  /** Calls to the kernel so far. */
  readonly calls: () => number
  /** Triggers written so far. */
  readonly armed: () => number
  /** File-modified events of the pressure file, each with the trigger that stood then. */
  readonly events: { readonly atMs: number; readonly trigger: number }[]
  readonly report: (source: SourceName) => SourceReport | undefined
  /** Resolves when the condition holds; it is looked at whenever something happens. */
  readonly until: (condition: () => boolean) => Promise<void>
}

/** Starts one; stopped when the test ends. */
export function startRealSampler(options: PsiMonitorOptions): RealSampler {
  const readings: Reading[] = []
  const failures: unknown[] = []
  const events: { atMs: number; trigger: number }[] = []
  const looks = new Set<() => void>()
  const note = () => {
    for (const look of looks) look()
  }
  let reports: readonly SourceReport[] = []
  let calls = 0
  let armed = 0
  const base = systemFiles()
  const counted =
    <A extends readonly unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      calls += 1
      return call(...args)
    }
  const files: KernelFiles = {
    open: counted((path) => {
      const file = base.open(path)
      return { ...file, read: counted(file.read) }
    }),
    readText: counted(base.readText),
    kindOf: counted(base.kindOf),
    listen: counted(base.listen),
    arm: counted((path, trigger) => {
      armed += 1
      return base.arm(path, trigger)
    }),
    watch: counted((path, listener) =>
      base.watch(path, {
        ...listener,
        modified: () => {
          events.push({ atMs: systemClock.nowMs(), trigger: armed })
          listener.modified()
          note()
        },
      }),
    ),
  }
  const stop = startSampler({
    sampling: resolveOptions({ env: {}, ...options }, Number.MAX_SAFE_INTEGER).sampling,
    files,
    clock: systemClock,
    ownRss: () => 0,
    listener: {
      told: (reading) => {
        readings.push(reading)
        note()
      },
      sources: (now) => {
        reports = now
        note()
      },
      failed: (error) => {
        failures.push(error)
        note()
      },
    },
  })
  onTestFinished(stop)
  return {
    readings,
    failures,
    events,
    calls: () => calls,
    armed: () => armed,
    report: (name) => reports.find(({ source }) => source === name),
    until: async (condition) => {
      if (condition()) return
      await new Promise<void>((resolve) => {
        const look = () => {
          if (!condition()) return
          looks.delete(look)
          resolve()
        }
        looks.add(look)
      })
    },
  }
}
