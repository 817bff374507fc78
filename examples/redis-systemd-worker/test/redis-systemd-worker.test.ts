import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type OwnedProcess, startOwned } from '../../../test/redis/owned-process.ts'
import { programPath, withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'

const example = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)
let folder = ''
let app = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worker-recycler-example-'))
  app = join(folder, 'app')
  await run(join(example, 'build'), [app])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const withoutRedisHere = withoutRedis()

describe.skipIf(withoutRedisHere)(
  `the programs that are built${withoutRedisHere ? ` (skipped: ${withoutRedisHere})` : ''}`,
  () => {
    const { raw, url } = sharedRedis()
    const env = () => ({ ...process.env, REDIS_URL: url(), STATE_DIRECTORY: folder })
    const start = async (name: string, ...args: string[]): Promise<OwnedProcess> => {
      const program = await startOwned(process.execPath, [join(app, `${name}.mjs`), ...args], {
        env: env(),
      })
      onTestFinished(async () => void (await program.kill()))
      return program
    }
    const command = async (...args: string[]): Promise<string> => {
      const words = [join(app, 'worker-recycler-redis.mjs'), ...args]
      return (await run(process.execPath, words, { env: env() })).stdout
    }
    const notes = (event: string) =>
      readFileSync(join(folder, 'jobs.log'), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith(`${event} `))
    const empty = async (queue: string) => {
      const keys = ['wait', 'suspects'].map((name) => `{wr/${queue}}:${name}`)
      const lengths = await Promise.all(keys.map((key) => raw().text('LLEN', key)))
      const lists = String(await raw().text('KEYS', `{wr/${queue}}:work:*`))
      return lengths.every((length) => Number(length) === 0) && lists === ''
    }

    it('work off the queue of their instance, each job once, and stop when they are asked to', async () => {
      const producer = await start('producer', '12', 'orchestrator', '{"ms":5}')
      expect(await producer.exited).toEqual({ code: 0, signal: null })
      const worker = await start('worker', 'orchestrator')
      while (!(await empty('orchestrator')));
      expect(notes('done')).toHaveLength(12)
      expect(new Set(notes('begins')).size).toBe(12)
      expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    })

    it('put back what a killed one held by the command of the hook, to be run alone', async () => {
      await (
        await start('producer', '3', 'hosts', '{"ms":60000,"name":"held"}')
      ).exited
      const worker = await start('worker', 'worker-hosts-queue-1')
      while ((await raw().text('LLEN', '{wr/hosts}:wait')) !== 0);
      const { workers } = JSON.parse(await command('status', '--json')) as {
        workers: readonly { readonly identity: string }[]
      }
      await worker.kill('SIGKILL')
      const own = workers.find((each) => each.identity.includes(`:${worker.pid}:`))
      const identity = own?.identity ?? ''
      const told = await command('recover', '--identity', identity, '--cause', 'memory')
      expect(told).toBe(`${identity}: 3 jobs put back\n`)
      expect(await raw().text('LLEN', '{wr/hosts}:suspects')).toBe(3)
    })

    it('say which instances there are', async () => {
      const worker = await start('worker', 'painter')
      await worker.untilLine(/painter is no instance: orchestrator, worker, worker-hosts-queue/)
      expect((await worker.exited).code).toBe(1)
    })
  },
)

describe('install and uninstall', () => {
  const analyze = programPath('systemd-analyze')
  const dryRun = async (...args: string[]) =>
    (await run(join(app, 'install'), ['--dry-run', '--node', process.execPath, ...args])).stdout

  it('explain themselves, and refuse what they do not know', async () => {
    for (const name of ['install', 'uninstall']) {
      expect((await run(join(app, name), ['--help'])).stdout).toMatch(/^Usage: /)
      const refused = run(join(app, name), ['--what'])
      await expect(refused).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('there is no option --what') as string,
      })
    }
    await expect(dryRun('a b')).rejects.toMatchObject({ code: 2 })
  })

  it('show by --dry-run what they would do', async () => {
    const text = await dryRun('--max', '1G', 'worker-1', '--', '--instance', 'worker-1=2G')
    expect(text).toMatch(/apply job-worker@ --yes --max 1G .* --instance worker-1=2G$/m)
    expect(text).toMatch(/^run {3}systemctl enable --now job-worker@worker-1\.service$/m)
    expect(text).toMatch(/subject\.user !== "job-worker"/)
    const { stdout } = await run(join(app, 'uninstall'), ['--dry-run'])
    expect(stdout).toMatch(/revert job-worker@ --yes$/m)
    expect(stdout).toMatch(/^run {3}userdel job-worker$/m)
  })

  it.skipIf(analyze === undefined)(
    `make a unit that systemd reads without a word${analyze === undefined ? ' (skipped: systemd-analyze is not installed)' : ''}`,
    async () => {
      const [, written = ''] =
        /^write \S+job-worker@\.service\n((?: {6}.*\n)+)/m.exec(await dryRun()) ?? []
      const unit = written.replaceAll(/^ {6}/gm, '')
      expect(unit).toContain(`ExecStart=${process.execPath} ${app}/worker.mjs %i`)
      writeFileSync(join(folder, 'job-worker@.service'), unit)
      const checked = await run('systemd-analyze', [
        'verify',
        '--man=no',
        join(folder, 'job-worker@worker-1.service'),
      ])
      expect(checked).toEqual({ stdout: '', stderr: '' })
    },
  )
})
