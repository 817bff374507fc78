import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { redisQueue } from '@worker-recycler/redis-fetch'
import type { RedisServer } from '../../test/redis/redis-server.ts'
import type { Holding, HoldingWorker } from './fixtures/holding-worker.ts'
import { watchRequeue } from './requeue.ts'

const QUEUE = 'default'
const WAIT = `{wr/${QUEUE}}:wait`
const NAME = 'worker-1'

/** The programs that the rounds start. */
export interface RecoveryPrograms {
  readonly worker: string
  readonly command: string
}

/** From SIGKILL to the requeue, in ms, each in rounds of its own. */
export interface Told {
  /** A parent that stays tells by the API, at the exit of its child. */
  readonly byApi: () => Promise<number>
  /** The same by the command, which is a process of its own. */
  readonly byCommand: () => Promise<number>
  /** The successor is started at the exit, with the same name. */
  readonly byName: () => Promise<number>
  close(): Promise<void>
}

/** Prepares the ways in which somebody tells of a death; each round kills a worker that holds one job. */
export function told(server: RedisServer, programs: RecoveryPrograms): Told {
  const { url } = server
  const queue = redisQueue({ url })

  const start = (name?: string): { child: ChildProcess; holds: Promise<Holding> } => {
    const given: HoldingWorker = { url, queues: [QUEUE], ...(name !== undefined && { name }) }
    const child = fork(programs.worker, [JSON.stringify(given)], { execArgv: [] })
    const holds = once(child, 'message').then(([message]) => message as Holding)
    return { child, holds }
  }
  const round = async (
    name: string | undefined,
    tell: (dead: Holding) => Promise<() => Promise<unknown>>,
  ): Promise<number> => {
    await (await server.raw()).command('FLUSHALL')
    const { child, holds } = start(name)
    await queue.enqueue('hold', 'x'.repeat(200), { queue: QUEUE })
    const dead = await holds
    const { requeuedAtMs } = await watchRequeue(server, WAIT)
    const exited = once(child, 'exit')
    const startMs = performance.now()
    child.kill('SIGKILL')
    await exited
    const end = await tell(dead)
    const tookMs = (await requeuedAtMs) - startMs
    await end()
    return tookMs
  }

  return {
    byApi: () =>
      round(undefined, async ({ identity }) => {
        const done = queue.recover({ identity, cause: 'signal' })
        return () => done
      }),
    byCommand: () =>
      round(undefined, async ({ identity }) => {
        const args = ['recover', '--url', url, '--identity', identity, '--cause', 'signal']
        const command = spawn(process.execPath, [programs.command, ...args], { stdio: 'ignore' })
        const exited = once(command, 'exit')
        return () => exited
      }),
    byName: () =>
      round(NAME, async () => {
        const { child } = start(NAME)
        return async () => {
          const exited = once(child, 'exit')
          child.kill('SIGKILL')
          await exited
        }
      }),
    close: () => queue.close(),
  }
}
