import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type JobLog, jobLog } from '../../../packages/redis-fetch/test/processes/job-log.ts'
import { type OwnedProcess, startOwned } from '../../../test/redis/owned-process.ts'
import type { RawRedis } from '../../../test/redis/raw-redis.ts'
import { startRedis } from '../../../test/redis/redis-server.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const src = 'examples/sidekiq-fleet/src'
const TSX = ['--import', 'tsx', '--conditions=@worker-recycler/source']

/** Removes the sign of life, and makes the list as old as it would be. */
const AGE = `redis.call('DEL', KEYS[1])
local dump = redis.call('DUMP', KEYS[2])
if dump then redis.call('RESTORE', KEYS[2], 0, dump, 'REPLACE', 'IDLETIME', 60) end`

/** A server, the journal of the jobs, and the programs of the example. */
export interface Scene {
  readonly raw: RawRedis
  readonly journal: JobLog
  /** Starts the supervisor; gives the pids of its workers once they are ready. */
  readonly node: () => Promise<{
    readonly supervisor: OwnedProcess
    readonly pids: readonly number[]
  }>
  /** Starts a worker of Ruby's, and waits until it is ready. */
  readonly ruby: () => Promise<OwnedProcess>
  /** Runs both producers; gives the images that they enqueued. */
  readonly produce: (each: number, ms: number) => Promise<readonly string[]>
  /** What a killed process has left is now as it would be a minute later. */
  readonly age: (pid: number) => Promise<void>
}

/** Starts a server for one test; the end of the test ends all. */
export async function scene(): Promise<Scene> {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const raw = await server.raw()
  const dir = mkdtempSync(join(tmpdir(), 'worker-recycler-sidekiq-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const journal = jobLog(join(dir, 'journal.txt'))

  const start = async (command: string, ...args: readonly string[]) => {
    const env = { ...process.env, REDIS_URL: server.url, JOURNAL: journal.path }
    const started = await startOwned(command, args, { cwd: root, env })
    onTestFinished(async () => void (await started.kill()))
    return started
  }
  const startNode = (program: string, ...args: readonly string[]) =>
    start(process.execPath, ...TSX, `${src}/${program}.ts`, ...args)

  return {
    raw,
    journal,
    node: async () => {
      const supervisor = await startNode('supervisor')
      const pids = []
      for (const slot of [0, 1]) {
        const line = await supervisor.untilLine(new RegExp(`^worker ${slot} ready`))
        pids.push(Number(line.split(' ').at(-1)))
      }
      return { supervisor, pids }
    },
    ruby: async () => {
      const worker = await start('sidekiq', '-r', `./${src}/worker.rb`, '-c', '2')
      await worker.untilLine(/^ruby worker ready/)
      return worker
    },
    produce: async (each, ms) => {
      const counts = [String(each), String(ms)]
      const producers = await Promise.all([
        startNode('producer', ...counts),
        start('ruby', `${src}/producer.rb`, ...counts),
      ])
      for (const producer of producers) await producer.untilLine(/ jobs are in the queue$/)
      const numbers = Array.from({ length: each }, (_, index) => index + 1)
      return numbers.flatMap((number) => [`cat-${number}.png`, `dog-${number}.png`])
    },
    age: async (pid) => {
      const lists = (await raw.text('KEYS', `working:queue:default:*:${pid}:*`)) as string[]
      for (const list of lists) {
        const identity = list.slice('working:queue:default:'.length)
        const heartbeat = `reliable-fetcher-heartbeat-${identity.replaceAll(':', '-')}`
        await raw.command('EVAL', AGE, 2, heartbeat, list)
      }
      await raw.command('DEL', 'reliable-fetcher-cleanup-lock')
    },
  }
}
