import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type JobLog, jobLog } from '../../../packages/redis-fetch/test/processes/job-log.ts'
import { type OwnedProcess, startOwned } from '../../../test/redis/owned-process.ts'
import type { TextReply } from '../../../test/redis/raw-redis.ts'
import { startRedis } from '../../../test/redis/redis-server.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A server, the journal of the jobs, and the programs of the example. */
export interface Scene {
  readonly journal: JobLog
  /** Starts one of the programs as `npx tsx` does, without a process in between. */
  readonly start: (program: string, ...args: readonly string[]) => Promise<OwnedProcess>
  /** Enqueues jobs with the producer, and waits until it has ended. */
  readonly produce: (...args: readonly number[]) => Promise<void>
  /** Waits until this program has started two workers; gives their pids. */
  readonly pids: (supervisor: OwnedProcess) => Promise<readonly string[]>
  /** Waits until all of so many invoices are done; gives how often each was begun and done. */
  readonly done: (count: number) => Promise<Readonly<Record<'begins' | 'done', readonly string[]>>>
  /** From now on the jobs in a list of BullMQ's take so long, in ms. */
  readonly shorten: (list: string, ms: number) => Promise<void>
  /** One field of all jobs in one list or set of BullMQ's, in no order. */
  readonly fields: (type: string, field: string) => Promise<readonly TextReply[]>
}

/** Starts a server for one test; the end of the test ends all. */
export async function scene(): Promise<Scene> {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const raw = await server.raw()
  const dir = mkdtempSync(join(tmpdir(), 'worker-recycler-bullmq-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const journal = jobLog(join(dir, 'journal.txt'))

  const start: Scene['start'] = async (program, ...args) => {
    const tsx = ['--import', 'tsx', '--conditions=@worker-recycler/source']
    const script = `examples/bullmq/src/${program}.ts`
    const env = { ...process.env, REDIS_URL: server.url, JOURNAL: journal.path }
    const started = await startOwned(process.execPath, [...tsx, script, ...args], {
      cwd: root,
      env,
    })
    onTestFinished(async () => void (await started.kill()))
    return started
  }
  const ids = async (type: string) => {
    const key = `bull:invoices:${type}`
    const isList = (await raw.text('TYPE', key)) === 'list'
    return (await raw.text(isList ? 'LRANGE' : 'ZRANGE', key, 0, -1)) as string[]
  }
  const names = (what: string) => journal.lines(what).map(({ id }) => id)

  return {
    journal,
    start,
    produce: async (...args) => {
      await (
        await start('producer', ...args.map(String))
      ).exited
    },
    pids: async (supervisor) => {
      for (const slot of [0, 1]) await supervisor.untilLine(new RegExp(`^worker ${slot} ready`))
      return supervisor.lines.flatMap(
        (line) => /^worker \d ready, pid (\d+)$/.exec(line)?.[1] ?? [],
      )
    },
    done: async (count) => {
      await journal.until(() => journal.ids('done').size === count)
      return { begins: names('begins'), done: names('done') }
    },
    shorten: async (list, ms) => {
      const data = JSON.stringify({ ms, leakBytes: 0 })
      for (const id of await ids(list)) {
        await raw.command('HSET', `bull:invoices:${id}`, 'data', data)
      }
    },
    fields: async (type, field) =>
      Promise.all((await ids(type)).map((id) => raw.text('HGET', `bull:invoices:${id}`, field))),
  }
}
