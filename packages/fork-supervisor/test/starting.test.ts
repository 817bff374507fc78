import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import type { ForkSupervisorOptions } from '../src/index.ts'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const MIB = 1_048_576
const program = bundled()
const heldBy = (events: readonly { heldBy: { code: string } }[]) =>
  events.map((event) => event.heldBy.code)

/** A stage whose time stands still, and whose workers use what the test says. */
function slowStage(name: string, options: Partial<ForkSupervisorOptions> = {}) {
  const clock = fakeClock()
  const memory = { usedBytes: 0 }
  const theStage = stage(program(name), {
    clock,
    limits: { softBytes: 100 },
    readMemory: async () => ({ ...memory }),
    ...options,
  })
  /** Lets the memory be read three times: the soft limit counts then. */
  const use = async (usedBytes: number) => {
    memory.usedBytes = usedBytes
    for (let reading = 0; reading < 3; reading += 1) {
      const measured = theStage.next('worker:measured')
      await clock.advance(50)
      await measured
    }
  }
  return { ...theStage, clock, use }
}

describe('a worker over its soft limit before it is ready', () => {
  it('is asked when it is ready, and not by a signal before', async () => {
    const { supervisor, children, said, seen, next, all } = stage(program('slow'), {
      limits: { softBytes: 64 * MIB, hardBytes: 4000 * MIB },
    })
    await supervisor.start()
    const { identity, pid } = await seen('worker:started')
    const held = await seen('worker:recycle-held')
    expect(held).toMatchObject({
      identity,
      reasons: [{ code: 'soft_limit' }],
      heldBy: { code: 'not_ready' },
    })
    await said('loading', pid)
    children.get(pid)?.send('hello')
    await said('hello', pid)
    await next('worker:measured')
    expect(all('worker:recycle-asked')).toEqual([])
    children.get(pid)?.send('ready')
    expect(await seen('worker:recycle-asked')).toMatchObject({
      identity,
      urgency: 'soft',
      by: 'ipc',
    })
    expect(await seen('worker:died')).toMatchObject({ identity, cause: 'recycle', exitCode: 75 })
  })

  it('is killed at its hard limit all the same', async () => {
    const { supervisor, seen, all } = stage(program('slow'), {
      limits: { softBytes: 32 * MIB, hardBytes: 64 * MIB },
    })
    await supervisor.start()
    expect(await seen('worker:killed')).toMatchObject({ reason: 'hard-limit' })
    expect(await seen('worker:died')).toMatchObject({ cause: 'memory' })
    expect(all('worker:recycle-asked')).toEqual([])
  })

  it('is not asked when its memory has fallen by then', async () => {
    const { supervisor, children, said, seen, use, all } = slowStage('slow')
    await supervisor.start()
    const { pid } = await seen('worker:started')
    await use(100)
    await seen('worker:recycle-held')
    await use(50)
    await said('loading')
    children.get(pid)?.send('hello')
    children.get(pid)?.send('ready')
    await seen('worker:ready')
    await use(50)
    expect(all('worker:recycle-asked')).toEqual([])
  })
})

describe('the operator’s recycle of a worker that still loads', () => {
  it('waits until somebody there hears it', async () => {
    const { supervisor, children, said, seen, all } = slowStage('slow')
    await supervisor.start()
    const { pid } = await seen('worker:started')
    supervisor.recycle()
    expect(heldBy(all('worker:recycle-held'))).toEqual(['not_ready'])
    await said('loading')
    expect(all('worker:recycle-asked')).toEqual([])
    children.get(pid)?.send('hello')
    expect(await seen('worker:recycle-asked')).toMatchObject({ urgency: 'hard', by: 'ipc' })
    children.get(pid)?.send('ready')
    expect(await seen('worker:died')).toMatchObject({ cause: 'recycle', exitCode: 75 })
  })

  it('is forgotten when the worker stops or dies first', async () => {
    const { supervisor, children, seen, all } = slowStage('slow')
    await supervisor.start()
    const { pid } = await seen('worker:started')
    supervisor.recycle()
    children.get(pid)?.kill('SIGKILL')
    await seen('restart:delayed')
    await supervisor.stop()
    expect(all('worker:recycle-asked')).toEqual([])
    expect(all('worker:died')).toMatchObject([{ cause: 'signal' }])
  })
})

describe('a program that knows nothing of a supervisor', () => {
  it('is asked by SIGTERM, but only when it has had time to start, and is then followed at once', async () => {
    const { supervisor, clock, said, seen, use, all } = slowStage('plain')
    await supervisor.start()
    await said('plain')
    await use(100)
    expect(heldBy(all('worker:recycle-held'))).toEqual(['not_ready'])
    expect(supervisor.status().slots).toMatchObject([{ state: 'starting' }])
    await clock.advance(59_000)
    expect(all('worker:recycle-asked')).toEqual([])
    await clock.advance(1000)
    expect(all('worker:recycle-asked')).toMatchObject([{ urgency: 'soft', by: 'SIGTERM' }])
    expect(await seen('worker:died')).toMatchObject({ cause: 'recycle', exitCode: 0 })
    await seen('worker:restarted')
    expect(all('restart:delayed')).toEqual([])
    expect(all('worker:ready')).toEqual([])
  })

  it('is none after all when it says hello late: it is asked when it is ready', async () => {
    const { supervisor, children, clock, said, seen, use, all } = slowStage('slow')
    await supervisor.start()
    const { pid } = await seen('worker:started')
    await said('loading')
    await clock.advance(60_000)
    expect(supervisor.status().slots).toMatchObject([{ state: 'ready' }])
    children.get(pid)?.send('hello')
    await said('hello')
    expect(supervisor.status().slots).toMatchObject([{ state: 'starting' }])
    await use(100)
    expect(heldBy(all('worker:recycle-held'))).toEqual(['not_ready'])
    children.get(pid)?.send('ready')
    expect(await seen('worker:recycle-asked')).toMatchObject({ by: 'ipc' })
    expect(await seen('worker:died')).toMatchObject({ cause: 'recycle', exitCode: 75 })
  })
})
