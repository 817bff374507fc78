import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Handler } from '@worker-recycler/redis-fetch'

/** The payload of a job: it stands for real work, which takes time and memory. */
export interface Work {
  readonly name: string
  /** How long it takes, in ms. */
  readonly ms?: number
  /** What it needs at its end, in MB. */
  readonly needsMb?: number
  /** What it never gives back, in MB. */
  readonly leakMb?: number
}

const MB = 2 ** 20
const leaked: Buffer[] = []
// Filled, for memory that is only reserved is not held.
const hold = (mb = 0) => Buffer.alloc(mb * MB, 1)

/** The handlers of one worker. Each job leaves a line in `jobs.log` when it begins, and one when it is done. */
export function handlersOf(instance: string): Readonly<Record<string, Handler>> {
  const file = join(process.env['STATE_DIRECTORY'] ?? '.', 'jobs.log')
  const note = (...words: readonly (string | number)[]) => {
    appendFileSync(file, `${[...words, instance, process.pid].join(' ')}\n`)
  }
  return {
    work: async ({ payload }, { signal, delivery }) => {
      const { name, ms, needsMb, leakMb } = payload as Work
      note('begins', name, delivery.count)
      leaked.push(hold(leakMb))
      // A job that heeds its signal is handed back in time when its worker has to leave.
      await wait(ms, undefined, { signal })
      hold(needsMb)
      note('done', name, delivery.count)
    },
  }
}
