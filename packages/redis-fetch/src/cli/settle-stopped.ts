import type { StoppedJobs } from '../queue/stopped-jobs.ts'
import type { CommandContext } from './command.ts'
import { printable } from './printable.ts'

/** What is done with which jobs; without ids with all. */
export interface Settlement {
  readonly action: 'release' | 'discard'
  readonly ids: readonly string[]
}

const AT_ONCE = 1000

/** `release` and `discard`: 1 when there is no job of one of the ids. */
export async function discardOrRelease(
  jobs: StoppedJobs,
  { action, ids }: Settlement,
  { values, output, signal }: CommandContext,
): Promise<number> {
  const { queue } = values
  const settle = async (id: string): Promise<boolean> => {
    signal.throwIfAborted()
    return jobs[action](id)
  }
  const isOfQueue = async (id: string): Promise<boolean> =>
    queue === undefined || (await jobs.show(id))?.queue === queue
  const settled: string[] = []
  const missing: string[] = []
  if (values.all) settled.push(...(await settleAll(jobs, queue ?? '', settle)))
  for (const id of ids) {
    const isDone = (await isOfQueue(id)) && (await settle(id))
    ;(isDone ? settled : missing).push(id)
  }
  const done = action === 'release' ? 'released' : 'discarded'
  if (values.json) await output.json({ [done]: settled, missing })
  else await output.write(`${settled.length} ${done}\n`)
  for (const id of missing) await output.tell(`There is no job ${printable(id)}`)
  return missing.length === 0 ? 0 : 1
}

/** The newest first, where each is found at once. */
async function settleAll(
  jobs: StoppedJobs,
  queue: string,
  settle: (id: string) => Promise<boolean>,
): Promise<string[]> {
  const settled: string[] = []
  for (let progress = true; progress;) {
    progress = false
    for (const job of await jobs.list(AT_ONCE)) {
      if (job.queue !== queue || !(await settle(job.id))) continue
      settled.push(job.id)
      progress = true
    }
  }
  return settled
}
