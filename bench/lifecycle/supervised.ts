import { createForkSupervisor, type ForkSupervisor } from '@worker-recycler/fork-supervisor'

/** A worker under fork-supervisor, to be measured. */
export interface Supervised {
  /** From the request to recycle until the process is gone. */
  readonly recycle: () => Promise<number>
  /** From SIGKILL until the next worker takes jobs. */
  readonly kill: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts one worker, and waits until it is ready. */
export async function startSupervised(script: string): Promise<Supervised> {
  const supervisor = createForkSupervisor({
    script,
    execArgv: [],
    restart: { breaker: false, backoff: { baseMs: 0 } },
  })
  const ready = next(supervisor, 'worker:ready')
  await supervisor.start()
  let { pid } = await ready

  return {
    recycle: async () => {
      const died = next(supervisor, 'worker:died')
      const readyAgain = next(supervisor, 'worker:ready')
      const startMs = performance.now()
      supervisor.recycle(0)
      await died
      const tookMs = performance.now() - startMs
      pid = (await readyAgain).pid
      return tookMs
    },
    kill: async () => {
      const readyAgain = next(supervisor, 'worker:ready')
      const startMs = performance.now()
      process.kill(pid, 'SIGKILL')
      pid = (await readyAgain).pid
      return performance.now() - startMs
    },
    stop: () => supervisor.stop(),
  }
}

function next(
  supervisor: ForkSupervisor,
  name: 'worker:ready' | 'worker:died',
): Promise<{ pid: number }> {
  return new Promise((resolve) => {
    supervisor.once(name, resolve)
  })
}
