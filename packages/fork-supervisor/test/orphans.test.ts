import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startGuard } from '../src/guard/guard.ts'
import { readStartTime } from '../src/process/start-time.ts'
import { bundled } from './support/bundle.ts'
import { guardsOf } from './support/guards.ts'
import { isAlive } from './support/harness.ts'

const program = bundled()

/** Resolves when a process that is not our own is gone: looks whenever the event loop turns. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve))
}

/** Starts a supervisor in a process of its own; resolves when all its workers are ready. */
async function startParent(options: object, workers: number) {
  const parent = fork(
    program('parent'),
    [JSON.stringify({ execArgv: [], stopMs: 1000, ...options, workers })],
    {
      execArgv: [],
      stdio: 'ignore',
    },
  )
  const pids: number[] = []
  await new Promise<void>((resolve) => {
    parent.on('message', (message: { ready?: number }) => {
      if (message.ready !== undefined) pids.push(message.ready)
      if (pids.length === workers) resolve()
    })
  })
  onTestFinished(() => {
    parent.kill('SIGKILL')
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  const guards = guardsOf(parent.pid ?? 0)
  expect(guards).toHaveLength(1)
  return { parent, pids, guard: guards[0] ?? 0 }
}

describe('the death of the supervisor', () => {
  it('lets workers that hear of it stop by themselves', async () => {
    const { parent, pids, guard } = await startParent(
      { script: program('polite'), stopMs: 50_000 },
      2,
    )
    parent.kill('SIGKILL')
    await Promise.all(pids.map(gone))
    await gone(guard)
  })

  it('ends workers whose event loop is blocked', async () => {
    const { parent, pids, guard } = await startParent(
      { script: program('deaf'), args: ['loop'] },
      2,
    )
    parent.kill('SIGKILL')
    await Promise.all(pids.map(gone))
    await gone(guard)
  })

  it('ends stopped workers', async () => {
    const { parent, pids, guard } = await startParent({ script: program('polite') }, 2)
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    parent.kill('SIGKILL')
    await Promise.all(pids.map(gone))
    await gone(guard)
  })

  it('is survived by a guard that nobody can talk out of it', async () => {
    const { parent, pids, guard } = await startParent(
      { script: program('deaf'), args: ['loop'] },
      1,
    )
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(guard, name)
    parent.kill('SIGKILL')
    await Promise.all(pids.map(gone))
    await gone(guard)
  })

  it('leaves no guard, and nobody killed, after an ordinary stop', async () => {
    const { parent, pids, guard } = await startParent({ script: program('polite') }, 2)
    parent.send('stop')
    const [code] = (await once(parent, 'exit')) as [number]
    expect(code).toBe(0)
    expect([...pids, guard].filter((pid) => isAlive(pid))).toEqual([])
  })
})

describe('the guard', () => {
  const sentinels: ChildProcess[] = []
  const sentinel = () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    sentinels.push(child)
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }

  /** A guard whose supervisor dies without a word: its standard input ends. */
  const orphanGuard = async (lines: string, proc = '/proc') => {
    const { GUARD_SCRIPT } = await import('../src/guard/guard-script.ts')
    const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', '0', proc], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    })
    guard.stdin?.end(lines)
    const [code] = (await once(guard, 'exit')) as [number]
    return code
  }

  it('kills who is still the same process, and nobody who has the pid of another', async () => {
    const same = sentinel()
    const other = sentinel()
    const unknown = sentinel()
    const startTime = readStartTime('/proc', same.pid ?? 0)
    const ended = once(same, 'exit')
    const alsoEnded = once(unknown, 'exit')
    const code = await orphanGuard(
      `add ${same.pid} ${startTime} 1\nadd ${other.pid} ${(startTime ?? 0) + 12345} 1\nadd ${unknown.pid} 0 1\n`,
    )
    expect(code).toBe(0)
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(await alsoEnded).toEqual([null, 'SIGKILL'])
    expect(isAlive(other.pid ?? 0)).toBe(true)
  })

  it('goes by what ps says where there is no procfs', async () => {
    const child = sentinel()
    const ended = once(child, 'exit')
    await orphanGuard(`add ${child.pid} 0 1\n`, '/nowhere')
    expect(await ended).toEqual([null, 'SIGKILL'])
  })

  it('forgets who is gone', async () => {
    const child = sentinel()
    const startTime = readStartTime('/proc', child.pid ?? 0)
    await orphanGuard(`add ${child.pid} ${startTime} 1\ndel ${child.pid}\n`)
    expect(isAlive(child.pid ?? 0)).toBe(true)
  })

  it('takes numbers only, and runs nothing that it reads', async () => {
    const child = sentinel()
    const startTime = readStartTime('/proc', child.pid ?? 0)
    const code = await orphanGuard(
      [
        `add $(kill -9 ${child.pid}) 1 1`,
        `add -${child.pid} ${startTime} 1`,
        `add ${child.pid} \`kill -9 ${child.pid}\` 1`,
        `add ${child.pid}; kill -9 ${child.pid}`,
        `add * * *`,
        `nonsense ${child.pid} ${startTime} 1`,
        '',
      ].join('\n'),
    )
    expect(code).toBe(0)
    expect(isAlive(child.pid ?? 0)).toBe(true)
  })

  it('asks a program that cannot hear of it by SIGTERM first', async () => {
    const child = sentinel()
    const ended = once(child, 'exit')
    const startTime = readStartTime('/proc', child.pid ?? 0)
    await orphanGuard(`add ${child.pid} ${startTime} 0\n`)
    expect(await ended).toEqual([null, 'SIGTERM'])
  })

  it('is missed in one sentence where there is no shell', async () => {
    const messages: string[] = []
    const reported = new Promise<void>((resolve) => {
      const guard = startGuard({
        shell: '/nowhere/sh',
        stopMs: 1000,
        procRoot: '/proc',
        clock: fakeClock(),
        onFailed: (message) => {
          messages.push(message)
          resolve()
        },
      })
      guard.add(1, undefined)
      onTestFinished(() => guard.stop())
    })
    await reported
    expect(messages).toEqual([expect.stringContaining('There is no guard process')])
  })

  it('is started again when somebody kills it', async () => {
    const clock = fakeClock()
    const child = sentinel()
    const guard = startGuard({
      shell: '/bin/sh',
      stopMs: 1000,
      procRoot: '/proc',
      clock,
      onFailed: () => {},
    })
    guard.add(child.pid ?? 0, readStartTime('/proc', child.pid ?? 0))
    const [first = 0] = guardsOf(process.pid)
    process.kill(first, 'SIGKILL')
    while (guard.running) await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(1000)
    expect(guard.running).toBe(true)
    await guard.stop()
    expect(guard.running).toBe(false)
    expect(isAlive(child.pid ?? 0)).toBe(true)
  })
})
