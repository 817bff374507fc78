import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { oomKillPaths } from '../src/death/oom-kills.ts'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const MIB = 1_048_576
const program = bundled()

describe('a recycler under the supervisor', () => {
  it('stops as it is asked', async () => {
    const { supervisor, said, all } = stage(program('recycler'), { workers: 2 })
    await supervisor.start()
    for (const { pid, identity } of all('worker:started')) {
      expect(await said('identity', pid)).toMatchObject({ identity })
    }
    await supervisor.stop()
    expect(all('worker:stopping')).toMatchObject([{ leaving: 'stop' }, { leaving: 'stop' }])
    expect(all('worker:died')).toMatchObject([
      { cause: 'stop', exitCode: 0 },
      { cause: 'stop', exitCode: 0 },
    ])
  })

  it('recycles as it is asked, one worker after the other, and leaves its ledger', async () => {
    const { supervisor, said, seen, all } = stage(program('recycler'), { workers: 2 })
    await supervisor.start()
    await seen('worker:ready', ({ slot }) => slot === 0)
    await seen('worker:ready', ({ slot }) => slot === 1)
    supervisor.recycle()
    for (const slot of [0, 1]) {
      const { pid, predecessor } = await seen('worker:restarted', (event) => event.slot === slot)
      expect(await said('identity', pid)).toMatchObject({
        lastExit: { cause: 'recycle', identity: predecessor, ledger: { leaving: 'recycle' } },
      })
    }
    expect(all('worker:died')).toMatchObject([{ cause: 'recycle' }, { cause: 'recycle' }])
  })

  it('recycles at the soft limit that it leaks up to', async () => {
    const { supervisor, seen } = stage(program('recycler'), {
      args: ['leak'],
      limits: { softBytes: 200 * MIB, hardBytes: 4000 * MIB },
    })
    await supervisor.start()
    expect(await seen('worker:died')).toMatchObject({ cause: 'recycle', exitCode: 75 })
    await seen('worker:restarted')
  })
})

/** A memory cgroup of our own with a limit; undefined where this process may not make one. */
function makeCgroup(limitBytes: number): string | undefined {
  try {
    const [counter = ''] = oomKillPaths(readFileSync('/proc/self/cgroup', 'utf8'), '/sys/fs/cgroup')
    const folder = join(dirname(counter), `fork-supervisor-test-${process.pid}`)
    mkdirSync(folder)
    try {
      const limit = counter.endsWith('memory.events') ? 'memory.max' : 'memory.limit_in_bytes'
      writeFileSync(join(folder, limit), String(limitBytes))
      return folder
    } catch {
      rmdirSync(folder)
      return undefined
    }
  } catch {
    return undefined
  }
}

describe('the kernel', () => {
  it('kills a worker for memory, and the supervisor knows', async (context) => {
    const cgroup = makeCgroup(150 * MIB)
    if (!cgroup) context.skip('needs the right to make a memory cgroup')
    const { supervisor, children, seen } = stage(program('leaky'), {
      args: ['block', 'wait'],
      onSpawn: ({ pid }) => writeFileSync(join(cgroup ?? '', 'cgroup.procs'), String(pid)),
    })
    await supervisor.start()
    // Only then is it known what the kernel had counted before.
    const { pid } = await seen('worker:measured')
    children.get(pid)?.send('leak')
    const died = await seen('worker:died')
    await supervisor.stop({ force: 'kill' })
    rmdirSync(cgroup ?? '')
    expect(died).toMatchObject({ cause: 'memory', exitSignal: 'SIGKILL' })
    expect(died.killedFor).toBeUndefined()
  })
})
