import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemClock } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundledPrograms } from '../../../../test/bundle.ts'
import { psiMonitor } from '../../src/psi-monitor.ts'
import { startRealSampler } from './real-sampler.ts'
import { freshPidsCgroup, reason, skipped, startThrasher } from './thrasher.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const program = bundledPrograms({
  thrash: at('test/fixtures/thrash.ts'),
  'without-threads': at('test/fixtures/without-threads.ts'),
  'sampler-thread': at('src/thread/sampler-thread.ts'),
})
const thresholdMs = 100
const openFiles = () =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // That of the listing itself.
      return []
    }
  })
/** The events of a trigger's own arming are over. */
const SETTLED_MS = 250

describe.skipIf(reason)(`a trigger of the real kernel${skipped}`, () => {
  it('fires more than once, as it is armed anew after each stall', async () => {
    const { pid, thrash } = await startThrasher(program('thrash'))
    const sampler = startRealSampler({ target: { pid }, trigger: 'on', thresholdMs })
    const { readings, events, armed, until, report } = sampler
    expect(report('stall-trigger')).toMatchObject({
      state: 'live',
      sentence: 'Armed for some 100 ms in 2000 ms; until it fires, little is read.',
    })
    for (const times of [1, 2]) {
      const trigger = armed()
      const armedAtMs = systemClock.nowMs()
      const before = readings.length
      await thrash(true)
      const isFired = () =>
        events.some((event) => event.trigger === trigger && event.atMs - armedAtMs > SETTLED_MS)
      await until(isFired)
      await until(() =>
        readings.slice(before).some(({ stall }) => (stall?.someMs ?? 0) >= thresholdMs),
      )
      await thrash(false)
      await until(() => armed() > trigger)
      expect(report('stall-trigger')?.state).toBe('live')
      expect(armed()).toBeGreaterThan(times)
    }
  }, 180_000)

  it('without CAP_SYS_RESOURCE or with it: auto says which', async () => {
    const { pid } = await startThrasher(program('thrash'))
    const { report } = startRealSampler({ target: { pid } })
    expect([
      'Without CAP_SYS_RESOURCE it would be slower than reading the totals every second.',
      'Armed for some 100 ms in 1000 ms; until it fires, little is read.',
    ]).toContain(report('stall-trigger')?.sentence)
  })
})

describe.skipIf(reason)(`a cgroup of the real kernel that is removed${skipped}`, () => {
  it('ends its stalls, told by its trigger, and the usage of the process goes on', async () => {
    const { pid, v1, v2, leave } = await startThrasher(program('thrash'))
    const sampler = startRealSampler({ target: { pid }, trigger: 'on', thresholdMs })
    const { readings, failures, events, until, report, calls, armed } = sampler
    expect(report('stall-total')).toMatchObject({ state: 'live', path: `${v2}/memory.pressure` })
    // The trigger is settled by then.
    await until(() => readings.length >= 2)
    const heard = events.length
    await leave(v2)
    await until(() => report('stall-total')?.state !== 'live')
    expect(events.length).toBeGreaterThan(heard)
    expect(report('stall-total')).toMatchObject({
      state: 'refused',
      sentence:
        'It is in the root of cgroup v2, whose stalls are those of the whole host; they are context only.',
    })
    expect(report('usage')).toMatchObject({ state: 'live', path: v1 })
    const before = calls()
    const armedBefore = armed()
    const told = readings.length
    await until(() => readings.length >= told + 3)
    expect(calls() - before).toBeLessThan(60)
    expect(armed()).toBe(armedBefore)
    expect(failures).toEqual([])
  })

  it('ends the watch of it in one sentence, and nothing is asked any more', async () => {
    const { v1, leave } = await startThrasher(program('thrash'))
    const { readings, failures, until, calls } = startRealSampler({ target: { cgroup: v1 } })
    await until(() => readings.length >= 2)
    await leave(v1)
    const before = calls()
    await until(() => failures.length > 0)
    expect(failures).toEqual([
      new Error('Nothing is left to measure. It ended: ENOENT: there is no such file.'),
    ])
    expect(calls() - before).toBeLessThan(80)
    expect(openFiles().filter((path) => path.includes(v1))).toEqual([])
  })

  it('ends the watch of the process that was in it, when the process has ended', async () => {
    const { pid, kill } = await startThrasher(program('thrash'))
    const { failures, until, readings } = startRealSampler({ target: { pid } })
    await until(() => readings.length >= 2)
    await kill()
    await until(() => failures.length > 0)
    expect(failures).toEqual([
      new Error('Nothing is left to measure. It ended: ENOENT: there is no such file.'),
    ])
  })

  it('that accounts for pressure no more (cgroup.pressure is 0) leaves usage', async () => {
    const { pid, v2 } = await startThrasher(program('thrash'))
    const sampler = startRealSampler({ target: { pid }, trigger: 'on' })
    const { readings, failures, until, report } = sampler
    writeFileSync(`${v2}/cgroup.pressure`, '0')
    await until(() => report('stall-total')?.state !== 'live')
    expect(report('stall-total')).toMatchObject({
      state: 'refused',
      sentence: 'It cannot be read: ENOENT: there is no such file.',
    })
    const told = readings.length
    await until(() => readings.length >= told + 2)
    expect(readings.at(-1)?.usedBytes).toBeGreaterThan(0)
    expect(readings.at(-1)).not.toHaveProperty('stall')
    expect(failures).toEqual([])
  })
})

describe.skipIf(reason)(`a cgroup v2 without the memory controller${skipped}`, () => {
  it('as a target has nothing to measure, and says so', async () => {
    const { v2 } = await startThrasher(program('thrash'))
    const watch = psiMonitor({ target: { cgroup: v2 } }).watch({
      clock: systemClock,
      signal: new AbortController().signal,
    })
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow(
      'Nothing is left to measure. No account of memory was found for it.',
    )
  })
})

const noPids =
  reason ??
  (existsSync('/sys/fs/cgroup/pids') ? undefined : 'needs the pids controller of cgroup v1')

it.skipIf(noPids)(
  `where no thread can be started the event loop samples, and says so${noPids === undefined ? '' : ` (skipped: ${noPids})`}`,
  async () => {
    const args = [program('without-threads'), freshPidsCgroup()]
    const over = new AbortController()
    onTestFinished(() => over.abort())
    const { signal } = over
    const { stdout } = await promisify(execFile)(process.execPath, args, { signal })
    expect(stdout.split('\n')).toEqual([
      'The sampling thread ended; the event loop samples from now on: EAGAIN',
      'left after 2 readings',
      '',
    ])
  },
)
