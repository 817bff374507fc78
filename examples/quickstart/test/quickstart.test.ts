import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type OwnedProcess, startOwned } from '../../../test/redis/owned-process.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')
const JOBS = 40

/** Runs the file as `npx tsx` does, without a process in between, in a folder of its own. */
async function run(): Promise<{ folder: string; example: OwnedProcess }> {
  const folder = mkdtempSync(join(tmpdir(), 'worker-recycler-quickstart-'))
  const example = await startOwned(
    process.execPath,
    ['--import', tsx, '--conditions=@worker-recycler/source', main],
    { cwd: folder },
  )
  onTestFinished(async () => {
    await example.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, example }
}

describe('the example', () => {
  it('runs every job across a recycle and a SIGKILL, and stops when it is asked to', async () => {
    const { folder, example } = await run()
    const list = (name: string) => readdirSync(join(folder, 'queue', name))
    const [pid = ''] = (await example.untilLine(/^\d+: Hello, guest \d+$/)).split(':')
    // It stands still while it is looked at: what it holds then, it holds when it is killed.
    process.kill(Number(pid), 'SIGSTOP')
    const held = list('working')
      .filter((identity) => identity.split('~')[1] === pid)
      .flatMap((identity) => list(`working/${identity}`))
    process.kill(Number(pid), 'SIGKILL')
    expect(await example.untilLine(/ is gone \(signal\): /)).toMatch(
      new RegExp(`:${pid}:.*: ${held.length} jobs put back$`),
    )

    for (let guest = 1; guest <= JOBS; guest += 1) {
      await example.untilLine(new RegExp(`: Hello, guest ${guest}$`))
    }
    await example.untilLine(/ is gone \(recycle\): 0 jobs put back$/)
    while (list('completed').length < JOBS) await new Promise((resolve) => setImmediate(resolve))

    expect(await example.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(list('completed')).toHaveLength(JOBS)
    expect(list('queues/default/ready')).toEqual([])
    expect(list('working')).toEqual([])
  })
})
