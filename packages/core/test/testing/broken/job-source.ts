import type { JobSource, JobSourceContext } from '@worker-recycler/core'
import type { JobSourceTestBed, MemoryJob, MemoryJobStore } from '@worker-recycler/core/testing'
import { memoryTestBed, type Parts } from '../memory-test-bed.ts'
import type { Broken } from './broken.ts'

/** The fault, the rule that it breaks, the source that has it, and rules that it breaks as well. */
export type BrokenSource = readonly [
  name: string,
  breaks: string,
  build: (parts: Parts) => JobSource,
  ...also: readonly string[],
]

export function toBroken(sources: readonly BrokenSource[]): Broken<JobSourceTestBed>[] {
  return sources.map(([name, breaks, build, ...also]) => ({
    name,
    breaks,
    also,
    create: () => memoryTestBed(build),
  }))
}

/** The same source, told another context. */
export function inContext(
  source: JobSource,
  change: (context: JobSourceContext) => Partial<JobSourceContext>,
): JobSource {
  return {
    ...source,
    start: (context, options) => source.start({ ...context, ...change(context) }, options),
  }
}

/** The insides of a store: broken adapters may do with them what they like. */
export function insides(store: MemoryJobStore): {
  readonly queue: MemoryJob[]
  readonly working: Map<string, MemoryJob[]>
  readonly completed: Map<string, number>
} {
  return store as unknown as ReturnType<typeof insides>
}

export const never = () => new Promise<never>(() => {})

export async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
