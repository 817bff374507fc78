import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** The same without an SDK: one process, and a parent that starts it again. */
export interface Plain {
  /** From SIGTERM until the process is gone. */
  readonly stopOne: () => Promise<number>
  /** From SIGKILL until the next process says that it is ready. */
  readonly kill: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts one process, and waits until it is ready. */
export async function startPlain(script: string): Promise<Plain> {
  const start = async (): Promise<ChildProcess> => {
    const child = fork(script, { execArgv: [] })
    await once(child, 'message')
    return child
  }
  let child = await start()
  const end = async (name: NodeJS.Signals) => {
    const exited = once(child, 'exit')
    child.kill(name)
    await exited
  }

  return {
    stopOne: async () => {
      const startMs = performance.now()
      await end('SIGTERM')
      const tookMs = performance.now() - startMs
      child = await start()
      return tookMs
    },
    kill: async () => {
      const startMs = performance.now()
      await end('SIGKILL')
      child = await start()
      return performance.now() - startMs
    },
    stop: () => end('SIGKILL'),
  }
}
