import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const MIB = 1_048_576
const program = bundled()

describe('the soft limit', () => {
  it('asks once for a recycle, which is followed by a restart without back-off', async () => {
    const { supervisor, seen, all } = stage(program('leaky'), {
      limits: { softBytes: 150 * MIB, hardBytes: 2000 * MIB },
    })
    await supervisor.start()
    const first = await seen('worker:died')
    expect(first).toMatchObject({ cause: 'recycle', exitCode: 75 })
    const { identity } = await seen(
      'worker:restarted',
      (event) => event.predecessor === first.identity,
    )
    await seen('worker:ready', (event) => event.identity === identity)
    expect(
      all('worker:recycle-asked').filter((event) => event.identity === first.identity),
    ).toMatchObject([{ urgency: 'soft', by: 'ipc', reasons: [{ code: 'soft_limit' }] }])
    expect(first.peakBytes).toBeGreaterThanOrEqual(150 * MIB)
    expect(all('restart:delayed')).toEqual([])
  })

  it('does not ask the same slot again and again', async () => {
    const { supervisor, seen, all } = stage(program('leaky'), {
      limits: { softBytes: 150 * MIB },
      recycleIntervalMs: 3_600_000,
    })
    await supervisor.start()
    const { identity } = await seen('worker:restarted')
    const held = await seen('worker:recycle-held', (event) => event.identity === identity)
    expect(held.heldBy.code).toBe('recycled_lately')
    expect(all('worker:recycle-asked')).toHaveLength(1)
  })

  it('kills a worker that does not take the request within its stop budget', async () => {
    const { supervisor, said, seen } = stage(program('deaf'), { args: ['loop'], stopMs: 100 })
    await supervisor.start()
    await said('deaf')
    supervisor.recycle()
    expect(await seen('worker:died')).toMatchObject({
      cause: 'signal',
      killedFor: 'recycle-ignored',
    })
    await seen('worker:restarted')
  })

  it('presses a worker that puts the recycle off, then kills it', async () => {
    const clock = fakeClock()
    const { supervisor, seen, next, said, all } = stage(program('leaky'), {
      args: ['deaf'],
      clock,
      limits: { softBytes: 1 },
      deferMs: 20_000,
      stopMs: 10_000,
    })
    await supervisor.start()
    await seen('worker:ready')
    for (let reading = 0; reading < 3; reading += 1) {
      const measured = next('worker:measured')
      await clock.advance(50)
      await measured
    }
    await said('soft')
    await clock.advance(20_000)
    await said('hard')
    await clock.advance(10_000)
    const { identity } = await seen('worker:died')
    const asked = all('worker:recycle-asked').filter((event) => event.identity === identity)
    expect(asked.map(({ urgency }) => urgency)).toEqual(['soft', 'hard'])
    expect(all('worker:killed')[0]).toMatchObject({ reason: 'recycle-ignored' })
  })
})

describe('the hard limit', () => {
  it('kills a worker whose event loop is blocked', async () => {
    const { supervisor, seen } = stage(program('leaky'), {
      args: ['block'],
      limits: { softBytes: 300 * MIB, hardBytes: 400 * MIB },
    })
    await supervisor.start()
    expect(await seen('worker:killed')).toMatchObject({ reason: 'hard-limit' })
    expect(await seen('worker:died')).toMatchObject({ cause: 'memory', exitSignal: 'SIGKILL' })
    await seen('restart:delayed')
  })
})

describe('sources', () => {
  it('reads the application’s own source, and falls back when it fails', async () => {
    const answers = [{ usedBytes: 123 }, undefined]
    const { supervisor, seen } = stage(program('polite'), {
      readMemory: () => {
        const answer = answers.shift()
        return answer ? Promise.resolve(answer) : Promise.reject(new Error('broken'))
      },
    })
    await supervisor.start()
    expect(await seen('worker:measured')).toMatchObject({ usedBytes: 123, source: 'application' })
    expect(await seen('worker:measured', ({ source }) => source === 'procfs')).toBeDefined()
  })

  it('goes by the worker’s own report without procfs, and by ps without a report', async () => {
    const proc = await mkdtemp(join(tmpdir(), 'proc-'))
    onTestFinished(() => rm(proc, { recursive: true }))
    const host = { proc }
    const talking = stage(program('polite'), { host })
    await talking.supervisor.start()
    await talking.seen('worker:measured', ({ source }) => source === 'report')
    const silent = stage(program('plain'), { host })
    await silent.supervisor.start()
    expect(await silent.seen('worker:measured')).toMatchObject({ source: 'ps' })
  })

  it('reads only what the kernel cannot take back', async () => {
    const proc = await mkdtemp(join(tmpdir(), 'proc-'))
    onTestFinished(() => rm(proc, { recursive: true }))
    const { supervisor, seen, next } = stage(program('polite'), { host: { proc } })
    await supervisor.start()
    const { pid } = await seen('worker:ready')
    await mkdir(join(proc, String(pid)))
    await writeFile(
      join(proc, String(pid), 'status'),
      'VmRSS:\t  900000 kB\nRssAnon:\t    1000 kB\nRssFile:\t  800000 kB\nRssShmem:\t     200 kB\nVmSwap:\t      30 kB\n',
    )
    expect(await next('worker:measured', ({ source }) => source === 'procfs')).toMatchObject({
      usedBytes: 1230 * 1024,
    })
  })
})
