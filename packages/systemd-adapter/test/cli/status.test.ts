import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { record } from './death-records.ts'
import { fakeUser } from './fake-systemctl.ts'

const { run, json, start, startInTerminal } = command()
const noScript = spawnSync('script', ['--version']).status === 0 ? '' : 'no script of util-linux'
const MIB = 2 ** 20
const DROP_IN = '.config/systemd/user/worker@.service.d/45-recycler-limits.conf'

/** A user with two workers and a mailer that is none of ours. */
function workers() {
  const user = fakeUser()
  user.write(DROP_IN, '[Service]\nMemoryMax=2G\n')
  user.load('worker@1.service', {
    usedBytes: 256 * MIB,
    maxBytes: 1024 * MIB,
    properties: { MainPID: 4711, NRestarts: 3 },
  })
  const failed = { ActiveState: 'failed', SubState: 'failed', Result: 'oom-kill', NRestarts: 12 }
  user.load('worker@2.service', { properties: failed })
  user.load('mailer.service', { usedBytes: 3 * MIB, properties: { MemoryPeak: 5 * MIB } })
  return { ...user, status: ['status', '--user', '--spool', user.at('deaths')] }
}

describe('status', () => {
  it('shows each unit that was given limits, with memory, restarts and the last death', async () => {
    const { env, at, status } = workers()
    record(at('deaths'), 'worker@2.service', { invocation: 'a1', atEpochSec: 1 })
    const { code, out, errors } = await run(status, { ...env, LANG: 'C.UTF-8' })
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    const [head, first, second, ...rest] = out.split('\n')
    expect(head).toBe(
      'UNIT      STATE               PID  MEMORY   OF LIMIT                   RESTARTS  LAST DEATH',
    )
    expect(first).toBe(
      'worker@1  running            4711  256 MiB  1 GiB     ██▌░░░░░░░ 25 %         3  -',
    )
    expect(second).toMatch(
      /^worker@2 {2}failed \(oom-kill\) {5}- {2}- {8}- {32}12 {2}memory, \d+ h ago$/,
    )
    expect(rest).toEqual([''])
  })

  it('shows one unit, whoever has limited it, and its peak', async () => {
    const { env, status } = workers()
    const { code, out } = await run([...status, 'mailer'], env)
    expect(code).toBe(0)
    expect(out).toMatch(/^UNIT +STATE +PID +MEMORY +OF LIMIT +PEAK +RESTARTS +LAST DEATH\n/)
    expect(out).toMatch(/^mailer {2}running {2}- +3 MiB +no limit +5 MiB +- +-$/m)
  })

  it('says the same to programs', async () => {
    const { env, at, status } = workers()
    record(at('deaths'), 'worker@1.service', {
      invocation: 'a1',
      result: 'exit-code',
      exitStatus: 75,
      exitCode: 'exited',
    })
    const { code, value } = await json([...status, 'worker@'], env)
    expect(code).toBe(0)
    expect(value).toMatchObject({
      atEpochMs: expect.any(Number),
      units: [
        {
          target: 'worker@1.service',
          running: true,
          usedBytes: 256 * MIB,
          hardBytes: 1024 * MIB,
          pid: 4711,
          deaths: [{ invocation: 'a1', cause: 'recycle' }],
        },
        { target: 'worker@2.service', running: false, result: 'oom-kill', deaths: [] },
      ],
    })
  })

  it('says that there is nothing to show', async () => {
    const { env } = fakeUser()
    const none = await run(['status', '--user'], env)
    expect(none).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Nothing is limited here yet/),
    })
    const { out } = await run(['status', 'worker@', '--user'], env)
    expect(out).toBe('No instance of worker@.service is loaded\n')
  })

  it('goes on with --watch, also while systemd does not answer, until Ctrl-C', async () => {
    const { env, status, fail, unfail, load } = workers()
    const { child, until, ended } = start([...status, '--watch', '--interval', '20ms'], env)
    await until(/worker@1 {2}running /)
    fail('show', 'Failed to connect to bus: Connection refused')
    await until(/Failed to connect to bus.*; trying again\n/)
    load('worker@1.service', { properties: { ActiveState: 'deactivating', SubState: 'stop-post' } })
    unfail('show')
    await until(/worker@1 {2}deactivating \(stop-post\)/)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 0, errors: '' })
  })

  it('writes a line of JSON for each look, until nobody reads it', async () => {
    const { env, status } = workers()
    const { child, until, ended } = start(
      [...status, '--watch', '--interval', '20ms', '--json'],
      env,
    )
    await until(/("units":.*\n[^]*){2}/)
    child.stdout?.destroy()
    expect(await ended).toMatchObject({ code: 0, errors: '' })
  })

  it.skipIf(noScript)(
    `draws in place in a terminal, as much as fits, with the last column free${noScript && ` (skipped: ${noScript})`}`,
    async () => {
      const { env, at, status, load } = workers()
      record(at('deaths'), 'worker@1.service', { invocation: 'a1', atEpochSec: 1 })
      const args = [...status, '--watch', '--interval', '20ms']
      const { child, until, ended } = startInTerminal(args, env)
      await until(/1 GiB {5}25 %/)
      load('worker@1.service', { usedBytes: 512 * MIB, maxBytes: 1024 * MIB })
      await until(/1 GiB {5}50 %/)
      child.stdin?.write('\u0003')
      const { code, out } = await ended
      expect(code).toBe(0)
      expect(out.startsWith('\u001b[?25l\u001b[2J\u001b[H'), JSON.stringify(out)).toBe(true)
      expect(out.endsWith('\u001b[?25h'), JSON.stringify(out.slice(-100))).toBe(true)
      // oxlint-disable-next-line no-control-regex -- they are what a terminal is told by
      const texts = out.split(/\u001b\[[?\d]*[A-Za-z]|\r\n/)
      expect(Math.max(...texts.map(({ length }) => length))).toBe(79)
    },
  )
})
