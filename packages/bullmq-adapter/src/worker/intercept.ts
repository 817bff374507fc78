import type { BullmqJob, BullmqWorker } from './bullmq-worker.ts'

/** How a worker stands when it asks for a job. */
interface Asking {
  /** The wake-up for a new job was taken just now. */
  readonly isWoken: boolean
  /**
   * Waits. Meanwhile the worker's loop looks after the jobs that it has, as it does while it waits for
   * Redis to wake it. To be called at once, before anything else is waited for.
   */
  readonly park: (wait: Promise<boolean>) => Promise<boolean>
}

/** Three steps of a worker, each wrapped. */
export interface Interception {
  /** Asks Redis for the next job. */
  readonly claim: (
    claim: () => Promise<BullmqJob | undefined>,
    asking: Asking,
  ) => Promise<BullmqJob | undefined>
  /**
   * Runs a job and makes its end durable, which may bring the next one: not while `mayFetch` says no.
   */
  readonly process: (
    job: BullmqJob,
    process: (mayFetch: () => boolean) => Promise<BullmqJob | undefined>,
  ) => Promise<BullmqJob | undefined>
  /** Calls the processor; what comes of it is what BullMQ records. */
  readonly run: (job: BullmqJob, token: string, run: () => Promise<unknown>) => Promise<unknown>
}

type Method = (...args: readonly unknown[]) => Promise<unknown>
const METHODS = ['moveToActive', 'processJob', 'callProcessJob'] as const

/**
 * Puts itself between a worker and what it does. The only place that knows names which BullMQ does not
 * document: they are the same in all versions from 5.70 on, and their absence is told at once.
 */
export function intercept(worker: BullmqWorker, { claim, process, run }: Interception): void {
  if (Reflect.get(worker, 'mainLoopRunning')) {
    throw new TypeError(
      'Expected `worker` to be one that has not begun to fetch, got one that has: give it to `bullmqSource` where it is made, or make it with `autorun: false`',
    )
  }
  const [moveToActive, processJob, callProcessJob] = METHODS.map((name) => {
    const method: unknown = Reflect.get(worker, name)
    if (typeof method === 'function') return method.bind(worker) as Method
    throw new TypeError(
      `Expected \`worker\` to be a Worker of BullMQ from 5.70 on, got one without \`${name}\``,
    )
  }) as [Method, Method, Method]

  const overrides: Readonly<Record<(typeof METHODS)[number], Method>> = {
    moveToActive: (...args) =>
      claim(() => moveToActive(...args) as Promise<BullmqJob | undefined>, askingOf(worker)),
    processJob: (...[job, token, fetchNext]) =>
      process(
        job as BullmqJob,
        (mayFetch) =>
          processJob(
            job,
            token,
            () => mayFetch() && (fetchNext === undefined || (fetchNext as () => boolean)()),
          ) as Promise<BullmqJob | undefined>,
      ),
    callProcessJob: (...args) =>
      run(args[0] as BullmqJob, String(args[1]), () => callProcessJob(...args)),
  }
  Object.assign(worker, overrides)
}

function askingOf(worker: BullmqWorker): Asking {
  const isWoken = Boolean(Reflect.get(worker, 'waiting'))
  return {
    isWoken,
    park: async (wait) => {
      if (isWoken) return wait
      Reflect.set(worker, 'waiting', wait)
      try {
        return await wait
      } finally {
        Reflect.set(worker, 'waiting', null)
      }
    },
  }
}
