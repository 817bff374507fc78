/** Where the jobs are. */
export const url: string = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

/** What the instances of one kind do. */
interface Pool {
  readonly queues: readonly string[]
  /** Jobs at once. */
  readonly concurrency: number
}

/** By the name of an instance, less its number: `worker-1` and `worker-2` are alike. */
const pools: Readonly<Record<string, Pool>> = {
  orchestrator: { queues: ['orchestrator'], concurrency: 1 },
  worker: { queues: ['default'], concurrency: 4 },
  'worker-hosts-queue': { queues: ['hosts'], concurrency: 4 },
}

/** The pool that an instance of the unit belongs to. Throws for a name that is not known. */
export function poolOf(instance: string): Pool {
  const pool = pools[instance.replace(/-\d+$/, '')]
  if (pool) return pool
  throw new TypeError(`${instance || 'Nothing'} is no instance: ${Object.keys(pools).join(', ')}`)
}
