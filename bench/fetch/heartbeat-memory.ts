import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../test/bundle-programs.ts'
import { startRedis } from '../../test/redis/redis-server.ts'
import { type Figure, figure } from '../harness/figure.ts'
import { paired } from '../harness/paired.ts'

const ROUNDS = 5

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What the thread that renews the lease adds to the memory of an idle worker. */
export async function heartbeatMemory(progress: (line: string) => void): Promise<Figure[]> {
  progress('memory with and without the heartbeat thread')
  // The thread's program lies beside the one that starts it, as in the built package.
  const programs = await bundlePrograms({
    'idle-worker': source('fixtures/idle-worker.ts'),
    'beat-thread': source('../../packages/redis-fetch/src/liveness/beat-thread.ts'),
  })
  const server = await startRedis()
  try {
    const weigh = (how: 'thread' | 'loop') => () =>
      weightOf(programs.path('idle-worker'), [server.url, how])
    const { ours, peer } = await paired({
      ours: weigh('thread'),
      peer: weigh('loop'),
      rounds: ROUNDS,
      warmUps: 1,
    })
    return [
      figure({ name: 'idle worker, heartbeat: thread', unit: 'MiB RSS', target: null }, ours, {
        name: 'heartbeat: loop',
        values: peer,
      }),
    ]
  } finally {
    await server.stop()
    programs.remove()
  }
}

async function weightOf(program: string, args: readonly string[]): Promise<number> {
  const child = fork(program, args, { execArgv: [] })
  const [message] = (await once(child, 'message')) as [{ rssBytes?: number; warning?: string }]
  child.kill('SIGKILL')
  await once(child, 'exit')
  if (message.rssBytes === undefined) throw new Error(`the worker warned: ${message.warning}`)
  return message.rssBytes / 2 ** 20
}
