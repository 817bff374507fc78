import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { bundlePrograms, type Programs } from '../../../test/bundle-programs.ts'
import type { WorkerFixture } from './fixtures/worker.ts'

/** The fixture, running, with what it holds. */
export interface KilledWorker {
  readonly identity: string
  readonly held: readonly string[]
  /** Kills it, and waits until it is gone. */
  kill(): Promise<void>
  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<unknown>
}

/** Bundles the fixture for the tests of a file; gives what starts it, and waits until it holds so many jobs. */
export function killedWorkers(): (fixture: WorkerFixture, jobs: number) => Promise<KilledWorker> {
  let programs: Programs | undefined
  beforeAll(async () => {
    programs = await bundlePrograms({
      worker: fileURLToPath(new URL('fixtures/worker.ts', import.meta.url)),
    })
  })
  afterAll(() => programs?.remove())

  return async (fixture, jobs) => {
    const child = fork(programs?.path('worker') ?? '', [JSON.stringify(fixture)], { execArgv: [] })
    const exited = once(child, 'exit')
    const kill = async () => {
      child.kill('SIGKILL')
      await exited
    }
    onTestFinished(kill)
    const { held, identity } = await entered(child, jobs)
    const stop = async (): Promise<unknown> => {
      child.kill('SIGTERM')
      const [code] = (await exited) as readonly unknown[]
      return code
    }
    return { identity, held, kill, stop }
  }
}

function entered(
  child: ChildProcess,
  jobs: number,
): Promise<{ readonly identity: string; readonly held: readonly string[] }> {
  const held: string[] = []
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('The fixture ended by itself')))
    child.on('message', (message: { readonly entered: string; readonly identity: string }) => {
      held.push(message.entered)
      if (held.length === jobs) resolve({ identity: message.identity, held })
    })
  })
}
