import { join } from 'node:path'
import { type Logger, silentLogger } from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { noDatagrams, receiveDatagrams } from './datagrams.ts'
import { CALL, fakeService, type FakeServiceOptions } from './fake-service.ts'

const skipped = noDatagrams === undefined ? '' : ` (skipped: ${noDatagrams})`
const TAKES_JOBS = `READY=1\nSTATUS=Takes jobs (pid ${process.pid})\n`
const notice = {
  leaving: 'recycle',
  budgetMs: 85_500,
  reasons: [
    { code: 'soft_threshold', message: 'Memory is at 81 %' },
    { code: 'maximum_uptime', message: 'It is\n  old\nREADY=1' },
  ],
} as const

/** A worker and what its manager hears, on a socket of its own; without one nobody listens. */
async function scene(
  options: Omit<FakeServiceOptions, 'directory'> & { readonly isMute?: boolean } = {},
) {
  const directory = scratchDirectory()
  const socket = join(directory, 'notify')
  const datagrams = options.isMute === true ? undefined : await receiveDatagrams(socket)
  onTestFinished(() => datagrams?.close())
  const lines: string[] = []
  const note =
    (level: string): Logger['info'] =>
    (fields, message) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const logger = { ...silentLogger, info: note('info'), warn: note('warn') }
  const clock = fakeClock()
  const service = fakeService({
    directory,
    ...options,
    env: { ...(datagrams && { NOTIFY_SOCKET: socket }), ...options.env },
  })
  service.setUp()
  return {
    ...service,
    clock,
    lines,
    datagrams,
    enforcer: service.enforcer({ clock, logger }),
    heard: async () => datagrams?.next(),
  }
}

describe.skipIf(noDatagrams)(`what a worker tells its manager${skipped}`, () => {
  it('is that it is ready, with a sentence for `systemctl status`, and the log says how', async () => {
    const { enforcer, heard, lines } = await scene()
    await enforcer.ready(CALL)
    expect(await heard()).toBe(TAKES_JOBS)
    expect(lines).toEqual([
      'info Ready: systemd was told {"unit":"worker@1.service","via":"koffi","reason":"systemd passed no descriptor (OpenFile=, 253); koffi is there"}',
    ])
  })

  it('is that it leaves, and why, on one line of which no reason can make two', async () => {
    const { enforcer, heard } = await scene()
    await enforcer.stopping(notice, CALL)
    expect(await heard()).toBe(
      'STOPPING=1\nSTATUS=Leaves (recycle) within 86 s: Memory is at 81 %; It is old READY=1\n',
    )
    await enforcer.stopping({ leaving: 'stop', budgetMs: 1000, reasons: [] }, CALL)
    expect(await heard()).toBe('STOPPING=1\nSTATUS=Leaves (stop) within 1 s: it was asked to\n')
  })

  it('is that it needs more time, in whole microseconds', async () => {
    const { enforcer, heard } = await scene()
    expect(await enforcer.extendStop(85_500.0004, CALL)).toBe(85_500.0004)
    expect(await heard()).toBe('EXTEND_TIMEOUT_USEC=85500001\n')
  })

  it('is that it lives, three times in WatchdogSec=, from ready to stop', async () => {
    const env = { WATCHDOG_USEC: '3000000', WATCHDOG_PID: String(process.pid) }
    const { enforcer, heard, clock } = await scene({ env })
    expect(clock.pending).toBe(0)
    await enforcer.ready(CALL)
    expect(await heard()).toBe(TAKES_JOBS)
    expect(await heard()).toBe('WATCHDOG=1\n')
    await clock.advance(1000)
    expect(await heard()).toBe('WATCHDOG=1\n')
    // A drain is watched, too.
    await enforcer.stopping(notice, CALL)
    expect(await heard()).toMatch(/^STOPPING=1/)
    await clock.advance(1000)
    expect(await heard()).toBe('WATCHDOG=1\n')
    await enforcer.stop(CALL)
    await clock.advance(10_000)
    expect(clock.pending).toBe(0)
  })

  it('leaves the watchdog of another process alone', async () => {
    const { enforcer, clock } = await scene({
      env: { WATCHDOG_USEC: '3000000', WATCHDOG_PID: '1' },
    })
    await enforcer.ready(CALL)
    expect(clock.pending).toBe(0)
  })

  it('is missed with a warning where a beat finds nobody, and the next one is sent all the same', async () => {
    const { enforcer, clock, lines, datagrams } = await scene({ env: { WATCHDOG_USEC: '3000000' } })
    await enforcer.ready(CALL)
    await datagrams?.close()
    await clock.advance(1000)
    await vi.waitFor(() => expect(lines).toHaveLength(2), { timeout: 30_000, interval: 5 })
    expect(lines[1]).toMatch(/^warn A beat did not reach the watchdog /)
    expect(clock.pending).toBe(1)
  })
})

describe.skipIf(noDatagrams)(`more time to stop in${skipped}`, () => {
  it.each([
    ['235', 0],
    ['236', 5000],
  ])('is asked for on systemd %s: %i ms are granted', async (version, ms) => {
    const { enforcer } = await scene({ version })
    await enforcer.ready(CALL)
    expect(await enforcer.extendStop(5000, CALL)).toBe(ms)
  })

  it('is not granted where nobody listens', async () => {
    const { enforcer } = await scene({ isMute: true })
    await enforcer.ready(CALL)
    expect(await enforcer.extendStop(5000, CALL)).toBe(0)
  })

  it('is asked for without systemctl, which a stop takes along, once the version is known', async () => {
    const { enforcer, let: when } = await scene()
    await enforcer.ready(CALL)
    when('before', 'show', 'kill -TERM $$')
    expect(await enforcer.extendStop(5000, CALL)).toBe(5000)
  })

  it('is asked for at the stop where the version could not be had when the worker got ready', async () => {
    const { enforcer, mend, let: when } = await scene()
    when('before', 'show', 'echo "The manager is busy" >&2; exit 1')
    await enforcer.ready(CALL)
    mend()
    expect(await enforcer.extendStop(5000, CALL)).toBe(5000)
  })

  it('is asked for though the stop takes along the systemctl that the worker asks as it gets ready', async () => {
    const { enforcer, mend, let: when, calls } = await scene()
    when('before', 'show', 'echo asks >>"$state/calls"; exec sleep 1000')
    const killed = new AbortController()
    const ready = enforcer.ready({ signal: killed.signal })
    await vi.waitFor(() => expect(calls()).toEqual(['asks']), { timeout: 30_000, interval: 5 })
    mend()
    const extended = enforcer.extendStop(5000, CALL)
    killed.abort()
    expect(await extended).toBe(5000)
    await ready
  })
})

describe('a worker to whom no manager listens', () => {
  it('says so and goes on', async () => {
    const { enforcer, lines, clock } = await scene({ isMute: true })
    await enforcer.ready(CALL)
    await enforcer.stopping(notice, CALL)
    expect(lines).toEqual([
      'info Ready: systemd was not told {"unit":"worker@1.service","via":"none","reason":"$NOTIFY_SOCKET is not set: the unit needs Type=notify or NotifyAccess="}',
    ])
    expect(clock.pending).toBe(0)
  })

  it('fails to get ready where its socket is of nobody', async () => {
    const env = { NOTIFY_SOCKET: join(scratchDirectory(), 'absent') }
    const { enforcer } = await scene({ isMute: true, env })
    await expect(enforcer.ready(CALL)).rejects.toThrow(/did not take a notification \(errno 2\)/)
  })
})

describe('a worker that can only ask systemd-notify', () => {
  /** Longer than an address can be. */
  const env = { NOTIFY_SOCKET: `/run/${'x'.repeat(108)}` }

  it('warns where its status did not arrive though that saw no failure, and asks for no time', async () => {
    const { enforcer, program, lines } = await scene({ isMute: true, env })
    program('systemd-notify', 'exit 0')
    await enforcer.ready(CALL)
    expect(lines[1]).toMatch(/^warn systemd refused the notification: set NotifyAccess=all/)
    expect(await enforcer.extendStop(5000, CALL)).toBe(0)
  })

  it('is heard where its status is there', async () => {
    const { enforcer, program, write, lines } = await scene({ isMute: true, env })
    program('systemd-notify', 'exit 0')
    write('state/shown', `Id=worker@1.service\nStatusText=Takes jobs (pid ${process.pid})\n`)
    await enforcer.ready(CALL)
    expect(lines).toHaveLength(1)
    expect(await enforcer.extendStop(5000, CALL)).toBe(5000)
  })
})
