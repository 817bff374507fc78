import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecyclerError, type RecyclerError } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { runCommand } from '../../src/transport/run-command.ts'
import { parseList, parseShow, parseVersion, systemctl } from '../../src/transport/systemctl.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'

const CALL = { signal: new AbortController().signal }

/** Puts a program of this name first in the path; gives what it was called with. */
function fakeProgram(body: string): () => readonly string[] {
  const directory = scratchDirectory()
  const path = join(directory, 'systemctl')
  const log = join(directory, 'log')
  writeFileSync(path, `#!/bin/sh\nprintf '<%s>' "$@" >>${log}\necho >>${log}\n${body}\n`)
  chmodSync(path, 0o755)
  vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  return () => readFileSync(log, 'utf8').trimEnd().split('\n')
}

async function refusal(promise: Promise<unknown>): Promise<Partial<RecyclerError>> {
  return promise.then(
    () => ({ message: 'nothing failed' }),
    (error: unknown) => error as Partial<RecyclerError>,
  )
}

describe('parseVersion()', () => {
  it.each([
    ['Version=252.39-1~deb12u2\n', 252],
    ['Version=v245.4-1.fc32\n', 245],
    ['Version=systemd 219\n', 219],
    ['Version=257.13-1~deb13u1\n', 257],
    ['Version=262~rc1\n', 262],
  ])('reads %j', (text, version) => {
    expect(parseVersion(text)).toBe(version)
  })

  it('rejects what holds none, with a code', () => {
    expect(() => parseVersion('Version=\n')).toThrow(/does not tell its version, but "Version="/)
  })
})

describe('parseList()', () => {
  it('reads names, also behind the dots of failed units and from old versions', () => {
    const text = [
      'worker@1.service loaded active running Worker 1',
      '● worker@2.service loaded failed failed Worker 2',
      '* worker@3.service not-found inactive dead worker@3.service',
      '  worker@4.service loaded active running Worker 4',
      String.raw`rec\x2dside@a@b.service loaded active running x.service y`,
      '',
    ].join('\n')
    expect(parseList(text)).toEqual([
      'worker@1.service',
      'worker@2.service',
      'worker@3.service',
      'worker@4.service',
      String.raw`rec\x2dside@a@b.service`,
    ])
    expect(parseList('')).toEqual([])
  })
})

describe('parseShow()', () => {
  it('gives each unit by all of its names', () => {
    const text = `Id=ssh.service
Names=ssh.service sshd.service
ActiveState=active
ControlGroup=/system.slice/ssh.service

Id=worker@1.service
Names=worker@1.service
ActiveState=inactive
ControlGroup=
`
    const shown = parseShow(text)
    expect([...shown.keys()]).toEqual(['ssh.service', 'sshd.service', 'worker@1.service'])
    expect(shown.get('sshd.service')).toBe(shown.get('ssh.service'))
    expect(shown.get('worker@1.service')).toMatchObject({
      ControlGroup: '',
      ActiveState: 'inactive',
    })
  })

  it('keeps what comes after the first equals sign', () => {
    expect(parseShow('Id=a.service\nResult=a=b\n').get('a.service')?.['Result']).toBe('a=b')
  })
})

describe('systemctl()', () => {
  const ASK = '<--no-ask-password><--no-pager>'

  it('is called with arguments that no shell and no option parser takes apart', async () => {
    const log = fakeProgram('')
    const manager = systemctl('system')
    const odd = String.raw`a\x2db@$(id);'"*.service`
    await manager.list('worker@*.service', CALL)
    await manager.show([odd, '-x.service'], ['ActiveState', 'Result'], CALL)
    await manager.reload(CALL)
    await manager.tryRestart(odd, CALL)
    await manager.setRuntime(odd, { MemoryMax: '1024', MemoryHigh: 'infinity' }, CALL)
    expect(log()).toEqual([
      `${ASK}<list-units><--all><--full><--plain><--no-legend><--><worker@*.service>`,
      `${ASK}<show><--property=Id,Names,ActiveState,Result><--><${odd}><-x.service>`,
      `${ASK}<daemon-reload>`,
      `${ASK}<try-restart><--><${odd}>`,
      `${ASK}<set-property><--runtime><--><${odd}><MemoryMax=1024><MemoryHigh=infinity>`,
    ])
  })

  it("asks a user's manager, in a language that can be read", async () => {
    const log = fakeProgram('echo "Version=252 $LC_ALL $SYSTEMD_COLORS"')
    expect(await systemctl('user').version(CALL)).toBe(252)
    expect(log()).toEqual([`${ASK}<--user><show><--property=Version>`])
  })

  it('is not called for no units at all', async () => {
    fakeProgram('exit 1')
    expect(await systemctl('system').show([], ['Result'], CALL)).toEqual(new Map())
  })

  it.each([
    [
      'NO_SUPERVISOR',
      "System has not been booted with systemd as init system (PID 1). Can't operate.",
      'Without systemd',
    ],
    ['NO_SUPERVISOR', 'Failed to connect to bus: No medium found', 'Without systemd'],
    [
      'NO_SUPERVISOR',
      'Failed to connect to user scope bus via local transport: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined',
      'Without systemd',
    ],
    [
      'NOT_PERMITTED',
      'Failed to set unit properties on worker@1.service: Interactive authentication required.',
      'polkit-rule',
    ],
    [
      'NOT_PERMITTED',
      'Failed to set unit properties: Access denied as the requested operation requires interactive authentication.',
      'polkit-rule',
    ],
    ['NOT_PERMITTED', 'Failed to connect to bus: Operation not permitted', 'as root'],
    [
      'SUPERVISOR_FAILED',
      'Failed to parse MemoryMax=2GB: Invalid argument',
      'systemctl daemon-reload',
    ],
    ['SUPERVISOR_FAILED', 'Unit nope@x.service not found.', 'Unit nope@x.service not found.'],
  ])('rejects with %s for %j', async (code, said, shows) => {
    fakeProgram(`cat >&2 <<'E'\n${said}\nE\nexit 1`)
    const error = await refusal(systemctl('system').reload(CALL))
    expect(error.code).toBe(code)
    expect(error.message).toContain('`systemctl daemon-reload` failed: ')
    expect(error.message).toContain(said)
    expect(error.message).toContain(shows)
  })

  it('rejects with NO_SUPERVISOR where there is no such program', async () => {
    vi.stubEnv('PATH', scratchDirectory())
    onTestFinished(() => void vi.unstubAllEnvs())
    const error = await refusal(systemctl('system').reload(CALL))
    expect(error).toMatchObject({ code: 'NO_SUPERVISOR' })
    expect(error.message).toContain('There is no systemctl here')
  })
})

describe('runCommand()', () => {
  it('ends a program that does not answer in time', async () => {
    const error = await refusal(runCommand('sleep', ['1000'], CALL, 20))
    expect(isRecyclerError(error, 'TIMED_OUT')).toBe(true)
    expect(error.message).toContain('`sleep 1000` did not answer in time')
  })

  it('ends it when the signal aborts, with its reason, and starts nothing afterwards', async () => {
    const abort = new AbortController()
    const running = refusal(runCommand('sleep', ['1000'], abort))
    abort.abort(new Error('The worker leaves'))
    expect((await running).message).toBe('The worker leaves')
    expect(() => runCommand('sleep', ['1000'], abort)).toThrow('The worker leaves')
  })
})
