import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecyclerError, type Ledger, type Logger, silentLogger } from '@worker-recycler/core'
import { describe, expect, it, vi } from 'vitest'
import { systemdEnforcer } from '../../src/worker/systemd-enforcer.ts'
import { hookIn } from '../death/hook.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { CALL, fakeService, type FakeServiceOptions, INVOCATION, MIB } from './fake-service.ts'

const PREDECESSOR = 'e'.repeat(32)
const OLDER = 'd'.repeat(32)

/** A service, its log, and how others of its unit ended before. */
function scene(options: Omit<FakeServiceOptions, 'directory'> = {}) {
  const directory = scratchDirectory()
  const stateDirectory = join(directory, 'kept')
  mkdirSync(stateDirectory)
  const service = fakeService({
    directory,
    ...options,
    env: { STATE_DIRECTORY: stateDirectory, ...options.env },
  })
  service.setUp()
  const warned: string[] = []
  const warn: Logger['warn'] = (fields, message) => {
    const { error, ...rest } = fields as { readonly error?: Error }
    warned.push(
      `${message} ${JSON.stringify(rest)}${error === undefined ? '' : ` ${String(error)}`}`,
    )
  }
  const hook = hookIn(directory)
  return {
    ...service,
    directory,
    stateDirectory,
    warned,
    enforcer: service.enforcer({ logger: { ...silentLogger, warn } }),
    end: async (
      invocation: string,
      env: Readonly<Record<string, string>> = {},
      unit = service.unit,
    ) => {
      const killed = { SERVICE_RESULT: 'oom-kill', EXIT_CODE: 'killed', EXIT_STATUS: 'KILL' }
      await hook({
        unit,
        spool: service.spool,
        env: { ...killed, ...env, INVOCATION_ID: invocation },
      })
    },
  }
}

const RECYCLED = { SERVICE_RESULT: 'success', EXIT_CODE: 'exited', EXIT_STATUS: '75' }
const ledgerOf = (invocation: string): Ledger =>
  ({ version: 1, identity: `host:7:${invocation}`, leaving: 'recycle' }) as Ledger

describe('a systemd enforcer', () => {
  it('is refused with a code where systemd did not start the process', () => {
    const error: unknown = (() => {
      try {
        return systemdEnforcer({ env: {}, cgroupText: '' })
      } catch (thrown) {
        return thrown
      }
    })()
    expect(isRecyclerError(error, 'NO_SUPERVISOR')).toBe(true)
  })

  it('names the invocation and the unit, as systemd does', () => {
    const { enforcer } = scene({ unit: String.raw`worker@a\x2db.service` })
    expect(enforcer).toMatchObject({
      invocation: INVOCATION,
      unit: String.raw`worker@a\x2db.service`,
    })
  })

  it('keeps a ledger only where the unit has a directory for it', () => {
    const env = { STATE_DIRECTORY: '' }
    expect(scene().enforcer.supports.ledger).toBe(true)
    const without = scene({ env }).enforcer
    expect(without.supports.ledger).toBe(false)
    expect(without).not.toHaveProperty('saveLedger')
  })

  it('speaks with the user’s manager where it is a user’s service', async () => {
    const service = fakeService({
      directory: scratchDirectory(),
      controlGroup: '/user.slice/user-7.slice/user@7.service/app.slice/worker@1.service',
    })
    service.setUp()
    const enforcer = service.enforcer({ manager: undefined as never })
    await enforcer.stopBudget(CALL)
    expect(service.calls()).toEqual(['as a user'])
  })
})

describe('the stop budget', () => {
  it.each([
    ['1min 30s', 90_000],
    ['42s 500ms', 42_500],
    ['infinity', Infinity],
  ])('of TimeoutStopSec=%s is so long', async (stop, ms) => {
    const { enforcer } = scene({ stop })
    expect(await enforcer.stopBudget(CALL)).toEqual({
      ms,
      from: 'TimeoutStopSec of worker@1.service',
    })
  })

  it('is refused where systemd does not tell it: nothing is made up', async () => {
    await expect(scene({ stop: '' }).enforcer.stopBudget(CALL)).rejects.toThrow(
      /does not tell TimeoutStopSec of worker@1\.service/,
    )
  })

  it('is refused with a code where there is no systemctl', async () => {
    const { enforcer } = scene()
    vi.stubEnv('PATH', scratchDirectory())
    await expect(enforcer.stopBudget(CALL)).rejects.toMatchObject({ code: 'NO_SUPERVISOR' })
  })
})

describe('the limits', () => {
  const SLICE = 'cgroup/memory/system.slice/memory.limit_in_bytes'

  it('are those that the kernel has for the unit', async () => {
    const { enforcer } = scene({ highBytes: 900 * MIB })
    expect(await enforcer.limits(CALL)).toEqual({
      hardBytes: 1024 * MIB,
      softBytes: 900 * MIB,
      from: 'the cgroup of worker@1.service',
    })
  })

  it('are none where the kernel has none', async () => {
    const { enforcer } = scene({ limitBytes: Infinity })
    expect(await enforcer.limits(CALL)).toEqual({ from: 'the cgroup of worker@1.service' })
  })

  it('are those of a slice above that holds less, and no throttle beyond it', async () => {
    const { enforcer, write } = scene({ highBytes: 900 * MIB })
    write(SLICE, String(512 * MIB))
    expect(await enforcer.limits(CALL)).toEqual({
      hardBytes: 512 * MIB,
      from: expect.stringMatching(/\/memory\/system\.slice\/memory\.limit_in_bytes$/) as string,
    })
  })

  it('are the unit’s where the worker moved into a cgroup of its own below it', async () => {
    const { enforcer } = scene({ movedTo: '/jobs/one' })
    expect(await enforcer.limits(CALL)).toEqual({
      hardBytes: 1024 * MIB,
      from: 'the cgroup of worker@1.service',
    })
  })
})

describe('the last exit', () => {
  it('is not known without a record, and nothing is said', async () => {
    const { enforcer, warned } = scene()
    expect(await enforcer.lastExit(CALL)).toBeUndefined()
    expect(warned).toEqual([])
  })

  it('is the predecessor’s, with one line on how it died and what comes of it', async () => {
    const { enforcer, end, warned } = scene()
    await end(PREDECESSOR)
    expect(await enforcer.lastExit(CALL)).toEqual({
      cause: 'memory',
      exitSignal: 'SIGKILL',
      invocation: PREDECESSOR,
      atEpochMs: expect.any(Number) as number,
    })
    expect(warned).toEqual([
      'The predecessor died; what it held goes to recovery {"unit":"worker@1.service","cause":"memory","exitSignal":"SIGKILL"}',
    ])
  })

  it('is a recycle with the ledger that it left, and not worth a warning', async () => {
    const { enforcer, end, warned } = scene()
    await enforcer.saveLedger?.(ledgerOf(PREDECESSOR), CALL)
    await end(PREDECESSOR, RECYCLED)
    expect(await enforcer.lastExit(CALL)).toMatchObject({
      cause: 'recycle',
      exitCode: 75,
      identity: `host:7:${PREDECESSOR}`,
      ledger: { leaving: 'recycle' },
    })
    expect(warned).toEqual([])
  })

  it('has no ledger of somebody older: the predecessor was killed, and wrote none', async () => {
    const { enforcer, end } = scene()
    await enforcer.saveLedger?.(ledgerOf(OLDER), CALL)
    await end(OLDER, RECYCLED)
    await end(PREDECESSOR)
    const exit = await enforcer.lastExit(CALL)
    expect(exit).toMatchObject({ cause: 'memory' })
    expect(exit).not.toHaveProperty('ledger')
    expect(exit).not.toHaveProperty('identity')
  })

  it('is neither its own, nor another unit’s', async () => {
    const { enforcer, end } = scene()
    await end(INVOCATION)
    await end(PREDECESSOR, {}, 'worker@2.service')
    await end(OLDER, {}, 'worker.service')
    expect(await enforcer.lastExit(CALL)).toBeUndefined()
  })

  it('passes over a record that was cut off, and warns of it', async () => {
    const { enforcer, end, write, warned } = scene()
    await end(PREDECESSOR, RECYCLED)
    write('deaths/worker@1.service/ffff', 'unit=worker@1.service\ninvocation=ffff\nresult=oo')
    expect(await enforcer.lastExit(CALL)).toMatchObject({ cause: 'recycle' })
    expect(warned).toEqual([
      expect.stringMatching(
        /^A death record cannot be read; it is left out .*ffff"} Error: It was/,
      ),
    ])
  })

  it('goes by the exit code with which the worker recycles', async () => {
    const { end, enforcer: _usual, ...service } = scene()
    await end(PREDECESSOR, { ...RECYCLED, EXIT_STATUS: '99' })
    const again = fakeService({ directory: service.directory }).enforcer({ recycleCode: 99 })
    expect(await again.lastExit(CALL)).toMatchObject({ cause: 'recycle', exitCode: 99 })
  })
})

describe('the ledger', () => {
  const NAME = 'worker@1.service.ledger.json'

  it('is a file that nobody else may read, whatever the umask says', async () => {
    const { enforcer, stateDirectory } = scene()
    const umask = process.umask(0)
    try {
      await enforcer.saveLedger?.(ledgerOf(INVOCATION), CALL)
    } finally {
      process.umask(umask)
    }
    expect(readdirSync(stateDirectory)).toEqual([NAME])
    expect(statSync(join(stateDirectory, NAME)).mode & 0o777).toBe(0o600)
  })

  it('is replaced as a whole: who has it open reads the old one to its end', async () => {
    const { enforcer, stateDirectory } = scene()
    await enforcer.saveLedger?.(ledgerOf(OLDER), CALL)
    const before = statSync(join(stateDirectory, NAME)).ino
    await enforcer.saveLedger?.(ledgerOf(INVOCATION), CALL)
    expect(statSync(join(stateDirectory, NAME)).ino).not.toBe(before)
    expect(JSON.parse(readFileSync(join(stateDirectory, NAME), 'utf8'))).toEqual(
      ledgerOf(INVOCATION),
    )
  })

  it('is the old one as long as the new one is not whole', async () => {
    const { enforcer, end, stateDirectory, warned } = scene()
    await enforcer.saveLedger?.(ledgerOf(PREDECESSOR), CALL)
    // As a worker leaves it that is killed while it writes.
    writeFileSync(join(stateDirectory, `.${NAME}.0123456789ab.tmp`), '{"version":1,"ident')
    await end(PREDECESSOR, RECYCLED)
    expect(await enforcer.lastExit(CALL)).toMatchObject({ ledger: ledgerOf(PREDECESSOR) })
    expect(warned).toEqual([])
  })

  it.each(['', '{"version":1,"ident', 'null', '{}', '5', '{"version":1,"identity":7}', '\0'])(
    'that is %j is left out with a warning, and the rest of the last exit is there',
    async (text) => {
      const { enforcer, end, stateDirectory, warned } = scene()
      writeFileSync(join(stateDirectory, NAME), text)
      await end(PREDECESSOR, RECYCLED)
      const exit = await enforcer.lastExit(CALL)
      expect(exit).toMatchObject({ cause: 'recycle', exitCode: 75 })
      expect(exit).not.toHaveProperty('ledger')
      expect(warned).toEqual([
        expect.stringMatching(/^What the predecessor left cannot be read {"path":".*json"} /),
      ])
    },
  )

  it('is in the first of several directories, or in the one of RuntimeDirectory=', async () => {
    const directory = scratchDirectory()
    for (const env of [
      { STATE_DIRECTORY: `${directory}/a:${directory}/b`, RUNTIME_DIRECTORY: `${directory}/c` },
      { RUNTIME_DIRECTORY: `${directory}/d` },
    ]) {
      const service = fakeService({ directory, env })
      service.setUp()
      await service.enforcer().saveLedger?.(ledgerOf(INVOCATION), CALL)
    }
    const found = ['a', 'b', 'c', 'd'].filter((name) => readdirSync(directory).includes(name))
    expect(found).toEqual(['a', 'd'])
  })

  it('is rejected with a code where its directory is in no state to keep it', async () => {
    const file = join(scratchDirectory(), 'file')
    writeFileSync(file, '')
    const { enforcer } = scene({ env: { STATE_DIRECTORY: file } })
    await expect(enforcer.saveLedger?.(ledgerOf(INVOCATION), CALL)).rejects.toMatchObject({
      code: 'PLAN_REFUSED',
    })
  })
})
