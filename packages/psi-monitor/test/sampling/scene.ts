import type { Reading } from '@worker-recycler/core'
import { type FakeClock, fakeClock } from '@worker-recycler/core/testing'
import { onTestFinished } from 'vitest'
import { systemFiles } from '../../src/kernel/system-files.ts'
import type { PsiMonitorOptions } from '../../src/options.ts'
import { resolveOptions } from '../../src/resolve-options.ts'
import { type SamplerListener, startSampler } from '../../src/sampler.ts'
import type { SourceName, SourceReport } from '../../src/sources/source.ts'
import { type FakeRoot, fakeRoot } from '../kit/fake-root.ts'
import { type FaultyFiles, faultyFiles } from '../kit/faulty-files.ts'
import { serviceTree } from '../kit/trees.ts'

/** A sampler over a tree of plain files, on a clock that a test moves. */
export interface Scene extends FakeRoot {
  readonly clock: FakeClock
  readonly files: FaultyFiles
  readonly readings: Reading[]
  /** When samples were taken: whenever the pressure of the host was read. */
  readonly sampledAtMs: number[]
  readonly failures: unknown[]
  /** `also` hears what the scene takes note of. */
  readonly start: (also?: Partial<SamplerListener>) => void
  readonly stop: () => void
  readonly report: (source: SourceName) => SourceReport | undefined
  readonly reports: () => readonly SourceReport[]
}

/** More than the limit of the service. */
const HOST_BYTES = 1_000_000_000

/** A file that is read once by each sample, and by nothing else. */
const EVERY_SAMPLE = '/proc/pressure/memory'

/** Sets the scene: the usual service, with some files different. Stopped when the test ends. */
export function setScene(
  options: PsiMonitorOptions = {},
  different: Readonly<Record<string, string>> = {},
): Scene {
  const tree = fakeRoot({ ...serviceTree(), ...different })
  const clock = fakeClock()
  const base = systemFiles(tree.root)
  const sampledAtMs: number[] = []
  const files = faultyFiles({
    ...base,
    open: (path) => {
      const file = base.open(path)
      if (path !== EVERY_SAMPLE) return file
      let isOpening = true
      return {
        ...file,
        read: () => {
          if (!isOpening) sampledAtMs.push(clock.nowMs())
          isOpening = false
          return file.read()
        },
      }
    },
  })
  const { sampling } = resolveOptions({ env: {}, ...options, root: tree.root }, HOST_BYTES)
  const readings: Reading[] = []
  const failures: unknown[] = []
  let reports: readonly SourceReport[] = []
  let stop = () => {}
  onTestFinished(() => stop())
  return {
    ...tree,
    clock,
    files,
    readings,
    sampledAtMs,
    failures,
    start: (also = {}) => {
      stop = startSampler({
        sampling,
        files,
        clock,
        ownRss: () => 123,
        listener: {
          told: (reading) => {
            readings.push(reading)
            also.told?.(reading)
          },
          sources: (now) => {
            reports = now
            also.sources?.(now)
          },
          failed: (error) => {
            failures.push(error)
            also.failed?.(error)
          },
        },
      })
    },
    stop: () => stop(),
    report: (name) => reports.find(({ source }) => source === name),
    reports: () => reports,
  }
}

/** Those of the cgroup: the process itself is told beside it. */
export const ofCgroup = ({ metric }: Reading): boolean => metric.startsWith('cgroup.')

/** What a reading says, without what every reading says. */
export const said = ({ atMs, usedBytes }: Reading): readonly [number, number | undefined] => [
  atMs,
  usedBytes,
]
