import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { openNotifier } from '../../src/worker/notifier.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'

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
