import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openNotifier } from '../../src/worker/notifier.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { noDatagrams, receiveDatagrams } from './datagrams.ts'

/** Longer than an address can be, so that only the command is left. */
const SOCKET = `/run/${'x'.repeat(108)}`
const call = { signal: new AbortController().signal }

afterEach(() => vi.unstubAllEnvs())

/** Puts a `systemd-notify` into a directory of its own, which notes each run; tells of the runs. */
function fakeCommand(script: string): () => readonly string[] {
  const folder = scratchDirectory()
  const log = join(folder, 'log')
  const text = `#!/bin/sh\necho "$@" >>'${log}'\n${script.replaceAll('LOG', log)}\n`
  writeFileSync(join(folder, 'systemd-notify'), text, { mode: 0o755 })
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
  return () => readFileSync(log, 'utf8').trim().split('\n')
}

it('asks systemd-notify once more where the stop of the unit took it along', async () => {
  const runs = fakeCommand('[ "$(wc -l <LOG)" -gt 1 ] || kill -TERM $$')
  const notifier = await openNotifier({ NOTIFY_SOCKET: SOCKET }, 1)
  expect(notifier.via).toBe('systemd-notify')
  await notifier.send(['STOPPING=1', 'STATUS=Leaves'], call)
  expect(runs()).toEqual(['STOPPING=1 STATUS=Leaves', 'STOPPING=1 STATUS=Leaves'])
})

it('asks it no third time, and not again where it failed by itself', async () => {
  const killed = fakeCommand('kill -TERM $$')
  const notifier = await openNotifier({ NOTIFY_SOCKET: SOCKET }, 1)
  await expect(notifier.send(['READY=1'], call)).rejects.toMatchObject({
    code: 'SUPERVISOR_FAILED',
  })
  expect(killed()).toHaveLength(2)
  const failed = fakeCommand('exit 1')
  await expect(notifier.send(['READY=1'], call)).rejects.toMatchObject({
    code: 'SUPERVISOR_FAILED',
  })
  expect(failed()).toHaveLength(1)
})

describe('the descriptor that systemd passed', () => {
  const FIRST = 3

  /** A file in its place, and the variables of systemd that name it. */
  function passed() {
    const path = join(scratchDirectory(), 'told')
    const descriptor = openSync(path, 'w')
    onTestFinished(() => closeSync(descriptor))
    const names = Array.from({ length: descriptor - FIRST }, () => 'other')
    const env = {
      NOTIFY_SOCKET: SOCKET,
      LISTEN_PID: '7',
      LISTEN_FDS: String(names.length + 1),
      LISTEN_FDNAMES: [...names, 'recycler-notify'].join(':'),
    }
    return { env, told: () => readFileSync(path, 'utf8') }
  }

  it('is found by its name, among others, and costs a write each time', async () => {
    const { env, told } = passed()
    const notifier = await openNotifier(env, 7)
    expect(notifier.via).toBe('descriptor')
    await notifier.send(['READY=1', 'STATUS=Takes jobs'], call)
    await notifier.send(['WATCHDOG=1'], call)
    expect(told()).toBe('READY=1\nSTATUS=Takes jobs\nWATCHDOG=1\n')
  })

  it.each([
    ['is meant for another process', { LISTEN_PID: '8' }],
    ['has another name', { LISTEN_FDNAMES: 'recycler-notify-2' }],
    ['has no name', { LISTEN_FDNAMES: undefined }],
    ['is not among those that were passed', { LISTEN_FDS: '0' }],
    ['is not counted', { LISTEN_FDS: undefined }],
  ])('is not taken where it %s', async (_title, changed) => {
    const { env, told } = passed()
    const notifier = await openNotifier({ ...env, ...changed }, 7)
    expect(notifier.via).toBe('systemd-notify')
    expect(told()).toBe('')
  })

  it('rejects what it could not send', async () => {
    const env = {
      LISTEN_PID: '7',
      LISTEN_FDS: '999999',
      LISTEN_FDNAMES: `${':'.repeat(99_999)}recycler-notify`,
    }
    const notifier = await openNotifier(env, 7)
    await expect(notifier.send(['READY=1'], call)).rejects.toThrow(/EBADF/)
  })
})

describe.skipIf(noDatagrams)(
  `a socket, by way of koffi${noDatagrams === undefined ? '' : ` (skipped: ${noDatagrams})`}`,
  () => {
    it.each([
      ['a path', () => join(scratchDirectory(), 'notify')],
      ['an abstract name', () => `@systemd-adapter-test-${process.pid}`],
    ])('of %s hears one datagram each time', async (_title, address) => {
      const socket = address()
      const datagrams = await receiveDatagrams(socket)
      onTestFinished(() => datagrams.close())
      const notifier = await openNotifier({ NOTIFY_SOCKET: socket }, 7)
      expect(notifier.via).toBe('koffi')
      await notifier.send(['READY=1', 'STATUS=Größer'], call)
      await notifier.send(['WATCHDOG=1'], call)
      expect(await datagrams.next()).toBe('READY=1\nSTATUS=Größer\n')
      expect(await datagrams.next()).toBe('WATCHDOG=1\n')
    })
  },
)

it('tells nobody where there is no socket', async () => {
  for (const env of [{}, { NOTIFY_SOCKET: '' }]) {
    const notifier = await openNotifier(env, 7)
    expect(notifier.via).toBe('none')
    await notifier.send(['READY=1'], call)
  }
})
