import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DeathNotice } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { oomKillPaths } from '../src/death/oom-kills.ts'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const program = bundled()

describe('the death notice', () => {
  it('is told and awaited before the replacement starts', async () => {
    const notices: DeathNotice[] = []
    let finish = () => {}
    const told = new Promise<void>((resolve) => {
      finish = resolve
    })
    const { supervisor, seen, all, log } = stage(program('polite'), {
      onDeathMs: 50_000,
      onDeath: async (notice) => {
        notices.push(notice)
        await told
        log.push({ name: 'supervisor:started', event: { told: true } })
      },
    })
    await supervisor.start()
    const { identity, pid } = await seen('worker:ready')
    process.kill(pid, 'SIGKILL')
    const died = await seen('worker:died')
    expect(all('worker:started')).toHaveLength(1)
    finish()
    await seen('worker:restarted')
    const names = log.map(({ name, event }) => ('told' in event ? 'told' : name))
    expect(names.indexOf('told')).toBeLessThan(names.lastIndexOf('worker:started'))
    expect(notices).toEqual([
      { identity, cause: 'signal', exitSignal: 'SIGKILL', atEpochMs: died.atEpochMs },
    ])
  })

  it('costs no more than its time when the application hangs', async () => {
    const aborted: unknown[] = []
    const { supervisor, seen } = stage(program('crash'), {
      onDeathMs: 20,
      onDeath: (_notice, { signal }) => {
        signal.addEventListener('abort', () => aborted.push(signal.reason))
        return new Promise(() => {})
      },
    })
    await supervisor.start()
    const { error } = await seen('death-notice:failed')
    expect(error).toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('onDeathMs'),
    })
    await seen('worker:restarted')
    expect(aborted).toContain(error)
    await supervisor.stop()
  })

  it('does not stop the restart when the application throws', async () => {
    const { supervisor, seen } = stage(program('crash'), {
      onDeath: () => {
        throw new Error('no queue')
      },
    })
    await supervisor.start()
    expect(await seen('death-notice:failed')).toMatchObject({ error: { message: 'no queue' } })
    await seen('worker:restarted')
  })

  it('is told for every worker before stop() resolves', async () => {
    const told: string[] = []
    const { supervisor, seen } = stage(program('polite'), {
      workers: 2,
      onDeath: async ({ cause }) => {
        await new Promise((resolve) => setImmediate(resolve))
        told.push(cause)
      },
    })
    await supervisor.start()
    await seen('worker:ready', ({ slot }) => slot === 0)
    await seen('worker:ready', ({ slot }) => slot === 1)
    await supervisor.stop()
    expect(told).toEqual(['stop', 'stop'])
  })
})

describe('the cause', () => {
  it('is the signal for an abort with an empty heap', async () => {
    const { supervisor, seen } = stage(program('crash'), { args: ['abort'] })
    await supervisor.start()
    expect(await seen('worker:died')).toMatchObject({ cause: 'signal', exitSignal: 'SIGABRT' })
  })

  it('is memory for an abort because the heap is full', async () => {
    const { supervisor, seen } = stage(program('crash'), {
      args: ['heap'],
      execArgv: ['--max-old-space-size=64'],
    })
    await supervisor.start()
    expect(await seen('worker:died')).toMatchObject({ cause: 'memory', exitSignal: 'SIGABRT' })
  })

  it.each([
    { grows: true, cause: 'memory' },
    { grows: false, cause: 'signal' },
  ])(
    'of a foreign SIGKILL is $cause when the kernel’s count grows: $grows',
    async ({ grows, cause }) => {
      const root = await mkdtemp(join(tmpdir(), 'cgroup-'))
      onTestFinished(() => rm(root, { recursive: true }))
      // The workers are in the same cgroup as this process; only the files are made up.
      const [counter = ''] = oomKillPaths(await readFile('/proc/self/cgroup', 'utf8'), root)
      await mkdir(dirname(counter), { recursive: true })
      await writeFile(counter, 'oom 1\noom_kill 4\n')
      const { supervisor, seen } = stage(program('polite'), { host: { cgroup: root } })
      await supervisor.start()
      const { pid } = await seen('worker:measured')
      if (grows) await writeFile(counter, 'oom 2\noom_kill 5\n')
      process.kill(pid, 'SIGKILL')
      expect(await seen('worker:died')).toMatchObject({ cause, exitSignal: 'SIGKILL' })
      if (!grows) return
      // One increment explains one death.
      const { pid: second } = await seen('worker:measured', (event) => event.pid !== pid)
      process.kill(second, 'SIGKILL')
      expect(await seen('worker:died', (event) => event.pid === second)).toMatchObject({
        cause: 'signal',
      })
    },
  )
})
