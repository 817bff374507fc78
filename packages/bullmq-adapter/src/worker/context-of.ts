import type { JobContext } from '@worker-recycler/core'

/** With the job itself: a map of what is short-lived keeps the garbage collector busy. */
const CONTEXT = Symbol.for('worker-recycler.job-context')

interface Told {
  [CONTEXT]?: JobContext
}

/**
 * What a processor may know beyond BullMQ's own arguments: the `AbortSignal`, the deadline once the worker
 * leaves, and what happened to the job before. Throws a TypeError for a job that is not being processed by
 * the worker of a `bullmqSource` in this process.
 */
export function contextOf(job: object): JobContext {
  const { [CONTEXT]: context }: Told = job
  if (context) return context
  throw new TypeError(
    'Expected `job` to be one that is processed by the worker of a bullmqSource, got another',
  )
}

/** Notes the context of a job that begins. */
export function setContext(job: object, context: JobContext): void {
  const told: Told = job
  told[CONTEXT] = context
}
