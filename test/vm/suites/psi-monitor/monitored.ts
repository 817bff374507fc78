import type { Reading } from '@worker-recycler/core'
import type { SourceName, SourceReport } from '@worker-recycler/psi-monitor'
import type { Context } from '../../guest/context.ts'
import { counter } from '../../guest/counter.ts'
import type { Line } from '../../guest/json-lines.ts'
import type { Service } from '../../guest/service.ts'
import type { Work } from '../../programs/monitored-worker.ts'

export const MB: number = 2 ** 20

/** A reading, and when the worker's loop over the readings had it. */
export interface Told {
  readonly reading: Reading
  readonly seenMs: number
}

/** A worker that watches its memory, as a service. */
export interface Monitored {
  readonly service: Service
  /** The readings of its cgroup so far. */
  readonly told: () => readonly Told[]
  /** The first of these that fits; waits for it. */
  readonly reading: (fits: (reading: Reading) => boolean) => Promise<Told>
  /** What it says of a source. */
  readonly source: (name: SourceName) => Promise<SourceReport>
}

/** Starts a worker that watches its memory. */
export async function startMonitored(
  { start }: Context,
  work: Work,
  properties: readonly string[] = [],
): Promise<Monitored> {
  const args = [JSON.stringify(work)]
  const service = await start({ program: 'monitored-worker', args, properties })
  const isOfCgroup = (line: Line) =>
    'reading' in line && (line['reading'] as Reading).metric.startsWith('cgroup.')
  return {
    service,
    told: () => service.lines().filter(isOfCgroup) as unknown as readonly Told[],
    reading: async (fits) => {
      const line = await service.line(
        'reading',
        (each) => isOfCgroup(each) && fits(each['reading'] as Reading),
      )
      return line as unknown as Told
    },
    source: async (name) => {
      const { sources } = (await service.line('sources')) as {
        sources: readonly SourceReport[]
      }
      const report = sources.find(({ source }) => source === name)
      if (report === undefined) throw new Error(`nothing is said of ${name}`)
      return report
    },
  }
}

/** Waits for the kernel's next kill; resolves with its time. To be called before what is killed starts. */
export function nextKill({ until }: Context): (meanwhile?: () => void) => Promise<number> {
  const before = counter('/proc/vmstat', 'oom_kill')
  return (meanwhile = () => {}) =>
    until(() => {
      if (counter('/proc/vmstat', 'oom_kill') > before) return nowMs()
      meanwhile()
      return undefined
    }, 20)
}

/** The time that all processes of a machine share. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** The share of the limit that is in use. */
export const shareOf = ({ usedBytes = 0, limitBytes = Infinity }: Reading): number =>
  usedBytes / limitBytes

/** For a detail. */
export const inMs = (ms: number): string => `${Math.round(ms)} ms`
/** For a detail. */
export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
