import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type OwnedProcess, startOwned } from '../../../test/redis/owned-process.ts'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const reason = withoutRedis()
const JOBS = 12

/** Runs one of the programs as `npx tsx` does, without a process in between. */
async function run(name: string, url: string, ...args: string[]): Promise<OwnedProcess> {
  const tsx = ['--import', 'tsx', '--conditions=@worker-recycler/source']
  const program = await startOwned(
    process.execPath,
    [...tsx, `examples/redis-worker/src/${name}.ts`, ...args],
    { cwd: root, env: { ...process.env, REDIS_URL: url } },
  )
  onTestFinished(async () => void (await program.kill()))
  return program
}

/** The pids of workers that were ready, the oldest first. */
const ready = ({ lines }: OwnedProcess) =>
  lines.flatMap((line) => /^worker \d ready, pid (\d+)$/.exec(line)?.[1] ?? [])

describe.skipIf(reason)(`the example${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, url } = sharedRedis()
  /** The jobs in the hands of one process, or of all of them. */
  const held = async (pid = '*'): Promise<number> => {
    // A killed worker's list has given way to its tomb, which is none.
    const filter = ['MATCH', `{wr/default}:work:*:${pid}:*`, 'TYPE', 'list']
    const found = await raw().text('SCAN', 0, ...filter, 'COUNT', 1_000_000)
    const [, lists] = found as [string, string[]]
    const counts = await Promise.all(lists.map((list) => raw().text('LLEN', list)))
    return counts.map(Number).reduce((sum, count) => sum + count, 0)
  }

  it('loses no job to a SIGKILL, and stops when it is asked to', async () => {
    const supervisor = await run('supervisor', url())
    for (const slot of [0, 1]) await supervisor.untilLine(new RegExp(`^worker ${slot} ready`))
    const producer = await run('producer', url(), `${JOBS}`, '1500')
    expect(await producer.exited).toEqual({ code: 0, signal: null })
    expect(producer.lines).toEqual([`${JOBS} jobs are in the queue`])

    const [pid = ''] = ready(supervisor)
    await supervisor.untilLine(new RegExp(`^ {2}${pid} {2}begins`))
    // It stands still while it is looked at: what it holds then, it holds when it is killed.
    process.kill(Number(pid), 'SIGSTOP')
    const inHand = await held(pid)
    expect(inHand).toBeGreaterThan(0)
    process.kill(Number(pid), 'SIGKILL')
    const notice = await supervisor.untilLine(/ is gone \(signal\): /)
    expect(notice).toMatch(new RegExp(`:${pid}:.*: ${inHand} jobs put back in \\d+ ms$`))

    for (let job = 1; job <= JOBS; job += 1) {
      await supervisor.untilLine(new RegExp(`done {3}cat-${job}\\.png$`))
    }
    while ((await held()) > 0);
    expect(await raw().text('LLEN', '{wr/default}:wait')).toBe(0)
    expect(await raw().text('EXISTS', '{wr/default}:quarantine')).toBe(0)
    const again = supervisor.lines.filter((line) => line.endsWith(', run 2'))
    expect(again).toHaveLength(inHand)

    expect(await supervisor.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(await raw().text('ZCARD', '{wr}:workers')).toBe(0)
    expect(await raw().text('KEYS', '{wr}:fence:*')).toHaveLength(1)
  })
})
