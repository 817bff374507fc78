import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { recoverWorker } from '@worker-recycler/bullmq-adapter'
import { Queue, Worker } from 'bullmq'
import type { RedisServer } from '../../test/redis/redis-server.ts'

const QUEUES = 20
/** How often BullMQ looks for stalled jobs, by default. */
const STALLED_MS = 30_000

interface Holding {
  readonly queue: string
  readonly identity?: string
}

/** From SIGKILL to the job's next run, told by the exit of the child; one round. */
export async function killToRerun(
  { port }: RedisServer,
  program: string,
  round: number,
): Promise<number> {
  const name = `ours-${round}`
  const connection = { host: '127.0.0.1', port }
  const queue = new Queue(name, { connection })
  const child = start(program, port, [name], 'adapter')
  await queue.add('hold', 1)
  const [{ identity = '' }] = (await once(child, 'message')) as [Holding]
  const rerun = survivor(name, port)
  await rerun.idle
  const exited = once(child, 'exit')
  const startMs = performance.now()
  child.kill('SIGKILL')
  await exited
  await recoverWorker(queue, { identity, cause: 'signal' })
  const tookMs = (await rerun.atMs) - startMs
  await Promise.all([queue.close(), rerun.worker.close()])
  return tookMs
}

/** The same without the adapter, and BullMQ's defaults: a survivor of each queue looks for stalled jobs. */
export async function killToRerunPlain({ port }: RedisServer, program: string): Promise<number[]> {
  const names = Array.from({ length: QUEUES }, (_, index) => `plain-${index}`)
  const child = start(program, port, names, 'plain')
  const reruns = []
  for (const name of names) {
    const queue = new Queue(name, { connection: { host: '127.0.0.1', port } })
    const taken = once(child, 'message')
    await queue.add('hold', 1)
    await taken
    await queue.close()
    reruns.push(survivor(name, port))
    // So that the rounds differ in how far the next look is away.
    await pause(STALLED_MS / QUEUES)
  }
  const exited = once(child, 'exit')
  const startMs = performance.now()
  child.kill('SIGKILL')
  await exited
  const atMs = await Promise.all(reruns.map((each) => each.atMs))
  await Promise.all(reruns.map(({ worker }) => worker.close()))
  return atMs.map((at) => at - startMs)
}

function start(
  program: string,
  port: number,
  queues: readonly string[],
  way: 'adapter' | 'plain',
): ChildProcess {
  return fork(program, [String(port), JSON.stringify(queues), way], { execArgv: [] })
}

/** A worker that waits for the job, and when it began to run it. */
function survivor(name: string, port: number) {
  let ran: (atMs: number) => void = () => {}
  const atMs = new Promise<number>((resolve) => {
    ran = resolve
  })
  const worker = new Worker(name, async () => ran(performance.now()), {
    connection: { host: '127.0.0.1', port },
  })
  return { worker, atMs, idle: once(worker, 'drained') }
}
