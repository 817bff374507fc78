import { readdirSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { isRecyclerError, type Logger, silentLogger } from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { expect, it, vi } from 'vitest'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { CALL, fakeService, type FakeServiceOptions, MIB } from './fake-service.ts'

const SLICE = '/system.slice/system-worker.slice'
const REQUEST = { bytes: 100 * MIB, forMs: 60_000 }

/** A worker with a limit of 1 GiB, unless it is said otherwise. */
function scene(options: Omit<FakeServiceOptions, 'directory'> = {}) {
  const service = fakeService({ directory: scratchDirectory(), ...options })
  service.setUp()
  const clock = fakeClock()
  const lines: string[] = []
  const note =
    (level: string): Logger['info'] =>
    (fields, message) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const logger = { ...silentLogger, info: note('info'), warn: note('warn') }
  const enforcer = service.enforcer({ clock, logger })
  return {
    ...service,
    clock,
    lines,
    grant: (request = REQUEST, call = CALL) => enforcer.grantHeadroom(request, call),
    stop: async () => enforcer.stop(CALL),
    /** Moves the clock, and waits for what that has begun. */
    until: async (ms: number, happened: () => void) => {
      await clock.advance(ms)
      await vi.waitFor(happened, { timeout: 30_000, interval: 5 })
    },
  }
}

const max = (mebibytes: number) => String(mebibytes * MIB)
const set = (mebibytes: number) => `--runtime -- worker@1.service MemoryMax=${max(mebibytes)}`

it('raises the limit of the own unit until the next boot, and of nothing else', async () => {
  const { grant, calls, kernelMax } = scene()
  expect(await grant()).toBe(100 * MIB)
  expect(calls()).toEqual([set(1124)])
  expect(kernelMax()).toBe(max(1124))
})

it('raises where the worker is throttled as well, so that a drain does not stand still', async () => {
  const { grant, calls } = scene({ highBytes: 900 * MIB })
  expect(await grant()).toBe(100 * MIB)
  expect(calls()).toEqual([`${set(1124)} MemoryHigh=${max(1000)}`])
})

it('takes it back after its time, and says so', async () => {
  const { grant, kernelMax, clock, until, lines } = scene()
  await grant()
  await clock.advance(59_999)
  expect(kernelMax()).toBe(max(1124))
  await until(1, () => expect(lines).toHaveLength(2))
  expect(kernelMax()).toBe(max(1024))
  expect(lines).toEqual([
    `info Head-room granted for the drain {"unit":"worker@1.service","bytes":${100 * MIB},"forMs":60000}`,
    `info Head-room taken back {"unit":"worker@1.service","MemoryMax":"${max(1024)}"}`,
  ])
})

it('takes it back when the worker stops before, once', async () => {
  const { grant, stop, calls, clock } = scene()
  await grant()
  await stop()
  await stop()
  await clock.advance(120_000)
  expect(calls()).toEqual([set(1124), set(1024)])
  expect(clock.pending).toBe(0)
})

it('asks for nothing when it stops without any', async () => {
  const { stop, calls } = scene()
  await stop()
  expect(calls()).toEqual([])
})

it.each([
  ['a slice above holds less', { slice: 1064 }, 40],
  ['a slice above holds as much', { slice: 1024 }, 0],
  ['a slice above holds less than the unit', { slice: 512 }, 0],
])('stays below it where %s', async (_title, { slice }, granted) => {
  const { grant, write, kernelMax, calls } = scene()
  write(`cgroup/memory${SLICE}/memory.limit_in_bytes`, max(slice))
  expect(await grant()).toBe(granted * MIB)
  expect(kernelMax()).toBe(max(1024 + granted))
  expect(calls()).toHaveLength(granted > 0 ? 1 : 0)
})

it('goes by the least of all slices above', async () => {
  const { grant, write } = scene()
  write(`cgroup/memory${SLICE}/memory.limit_in_bytes`, max(1090))
  write('cgroup/memory/system.slice/memory.limit_in_bytes', max(1050))
  expect(await grant()).toBe(26 * MIB)
})

it('never gives more than the host has', async () => {
  const { grant, kernelMax } = scene()
  const granted = await grant({ ...REQUEST, bytes: 2 * totalmem() })
  expect(granted).toBe(totalmem() - 1024 * MIB)
  expect(kernelMax()).toBe(String(totalmem()))
})

it('is 0, and touches nothing, where there is no limit', async () => {
  const { grant, calls, lines } = scene({ limitBytes: Infinity })
  expect(await grant()).toBe(0)
  expect(calls()).toEqual([])
  expect(lines).toEqual([
    `info No limit to raise, or no room above it {"unit":"worker@1.service","askedBytes":${100 * MIB}}`,
  ])
})

it('is of the unit where the worker moved into a cgroup of its own below it', async () => {
  const { grant, calls } = scene({ movedTo: '/jobs' })
  expect(await grant()).toBe(100 * MIB)
  expect(calls()).toEqual([set(1124)])
})

it('does not add up: a second grant takes the place of the first, and starts its time anew', async () => {
  const { grant, kernelMax, clock, until } = scene()
  await grant()
  await clock.advance(30_000)
  expect(await grant({ ...REQUEST, bytes: 50 * MIB })).toBe(50 * MIB)
  expect(kernelMax()).toBe(max(1074))
  await clock.advance(59_999)
  expect(kernelMax()).toBe(max(1074))
  await until(1, () => expect(kernelMax()).toBe(max(1024)))
})

it('does not take the raised limit for the unit’s own where two are asked for at once', async () => {
  const { grant, stop, kernelMax, calls } = scene()
  expect(await Promise.all([grant(), grant(), stop(), grant()])).toEqual([
    100 * MIB,
    100 * MIB,
    undefined,
    100 * MIB,
  ])
  await stop()
  expect(kernelMax()).toBe(max(1024))
  expect(calls()).toEqual([set(1124), set(1124), set(1024), set(1124), set(1024)])
})

it('is refused with a code and the way to allow it where polkit says no, and leaves nothing to take back', async () => {
  const { grant, stop, calls, clock, lines, let: when } = scene({ env: { USER: 'www-data' } })
  const said =
    'Failed to set unit properties on worker@1.service: Interactive authentication required.'
  when('before', 'set-property', `echo "${said}" >&2; exit 1`)
  const error: unknown = await grant().catch((refused: unknown) => refused)
  expect(isRecyclerError(error, 'NOT_PERMITTED')).toBe(true)
  expect(String(error)).toContain(said)
  expect(String(error)).toMatch(/by a polkit rule: `worker-recycler-systemd polkit-rule --help`/)
  expect(lines).toEqual([
    `warn Head-room was refused; the command prints the rule for polkit {"unit":"worker@1.service","command":"worker-recycler-systemd polkit-rule --user www-data 'worker@1.service'"}`,
  ])
  await stop()
  expect(calls()).toEqual([])
  expect(clock.pending).toBe(0)
})

it('is still taken back where a second one was refused', async () => {
  const { grant, stop, kernelMax, mend, let: when } = scene()
  await grant()
  when('before', 'set-property', 'echo "Access denied" >&2; exit 1')
  await expect(grant()).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
  mend()
  await stop()
  expect(kernelMax()).toBe(max(1024))
})

it('is refused with a code where there is no systemctl', async () => {
  const { grant, stop } = scene()
  vi.stubEnv('PATH', scratchDirectory())
  const error: unknown = await grant().catch((refused: unknown) => refused)
  expect(isRecyclerError(error, 'NO_SUPERVISOR')).toBe(true)
  await stop()
})

it('is taken back, too, where it was given and the answer was lost', async () => {
  const { grant, stop, kernelMax, mend, let: when } = scene()
  when('after', 'set-property', 'echo "Failed to set: Connection timed out" >&2; exit 1')
  const error: unknown = await grant().catch((failed: unknown) => failed)
  expect(isRecyclerError(error, 'SUPERVISOR_FAILED')).toBe(true)
  expect(kernelMax()).toBe(max(1124))
  mend()
  await stop()
  expect(kernelMax()).toBe(max(1024))
})

it('is given up with the call, and taken back where it was given all the same', async () => {
  const { grant, kernelMax, mend, until, let: when } = scene()
  when('after', 'set-property', 'exec sleep 600')
  const controller = new AbortController()
  const granting = grant(REQUEST, { signal: controller.signal })
  await vi.waitFor(() => expect(kernelMax()).toBe(max(1124)), { timeout: 30_000, interval: 5 })
  controller.abort(new Error('Too late'))
  await expect(granting).rejects.toThrow('Too late')
  mend()
  await until(60_000, () => expect(kernelMax()).toBe(max(1024)))
})

it('is tried to be taken back once more at the stop where it could not be before, and warned of', async () => {
  const { grant, stop, kernelMax, mend, until, lines, let: when } = scene()
  await grant()
  when('before', 'set-property', 'echo "The manager is busy" >&2; exit 1')
  await until(60_000, () => expect(lines).toHaveLength(2))
  expect(lines[1]).toMatch(/^warn Head-room was not taken back; the stop tries once more /)
  await expect(stop()).rejects.toMatchObject({ code: 'SUPERVISOR_FAILED' })
  mend()
  await stop()
  expect(kernelMax()).toBe(max(1024))
})

/** A unit with a directory that outlives its processes, and what is in use there. */
function lasting(usedMebibytes: number, left?: string) {
  const state = scratchDirectory()
  if (left !== undefined) writeFileSync(join(state, 'worker@1.service.head-room.json'), left)
  const own = scene({ env: { STATE_DIRECTORY: state } })
  own.write(`cgroup/memory${SLICE}/worker@1.service/memory.usage_in_bytes`, max(usedMebibytes))
  return { ...own, left: () => readdirSync(state) }
}

it('is not taken back while it is in use, as the kernel would kill for it: the successor does', async () => {
  const { grant, stop, calls, kernelMax, lines, left, enforcer } = lasting(1050)
  await grant()
  await stop()
  expect(calls()).toEqual([set(1124)])
  expect(lines.at(-1)).toMatch(/^info Head-room is in use; the successor takes it back /)
  expect((await enforcer().limits(CALL)).hardBytes).toBe(1024 * MIB)
  expect(kernelMax()).toBe(max(1024))
  expect(left()).toEqual([])
})

it('of a predecessor that was killed is taken back once, before limits are told', async () => {
  const { grant, enforcer, kernelMax, calls, left } = lasting(500)
  await grant()
  const successor = enforcer()
  expect((await successor.limits(CALL)).hardBytes).toBe(1024 * MIB)
  expect(await successor.grantHeadroom(REQUEST, CALL)).toBe(100 * MIB)
  expect(kernelMax()).toBe(max(1124))
  await successor.stop(CALL)
  await enforcer().limits(CALL)
  expect(calls()).toEqual([set(1124), set(1024), set(1124), set(1024)])
  expect(left()).toEqual([])
})

it('is not taken back where a boot or an apply has come in between', async () => {
  const { grant, enforcer, calls, write, left } = lasting(500)
  await grant()
  write(`cgroup/memory${SLICE}/worker@1.service/memory.limit_in_bytes`, max(2048))
  expect((await enforcer().limits(CALL)).hardBytes).toBe(2048 * MIB)
  expect(calls()).toEqual([set(1124)])
  expect(left()).toEqual([])
})

it('of a predecessor is known as what it was where a second one was refused', async () => {
  const { grant, enforcer, kernelMax, mend, let: when } = lasting(500)
  await grant()
  when('before', 'set-property', 'echo "Access denied" >&2; exit 1')
  await expect(grant({ ...REQUEST, bytes: 50 * MIB })).rejects.toMatchObject({
    code: 'NOT_PERMITTED',
  })
  mend()
  await enforcer().limits(CALL)
  expect(kernelMax()).toBe(max(1024))
})

it('leaves nothing to the successor where it was refused', async () => {
  const { grant, left, let: when } = lasting(500)
  when('before', 'set-property', 'echo "Access denied" >&2; exit 1')
  await expect(grant()).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
  expect(left()).toEqual([])
})

it.each([
  '',
  '{',
  '{}',
  '[]',
  'null',
  '{"before":{"MemoryMax":"infinity"},"raised":{"MemoryMax":"1073741824"}}',
  '{"before":{"CPUQuota":"1"},"raised":{"MemoryMax":"1073741824"}}',
  '{"before":{},"raised":{"MemoryMax":"1073741824"}}',
  '{"before":{"MemoryMax":"5"},"raised":{}}',
])('takes nothing back by a file that holds %j', async (text) => {
  const { enforcer, calls } = lasting(500, text)
  expect((await enforcer().limits(CALL)).hardBytes).toBe(1024 * MIB)
  expect(calls()).toEqual([])
})

it('is told of, and the worker starts, where a predecessor’s cannot be taken back', async () => {
  const { grant, clock, enforcer, let: when } = lasting(500)
  await grant()
  when('before', 'set-property', 'echo "The manager is busy" >&2; exit 1')
  const warned: string[] = []
  const logger = {
    ...silentLogger,
    warn: (_: object, message: string) => void warned.push(message),
  }
  expect((await enforcer({ clock, logger }).limits(CALL)).hardBytes).toBe(1124 * MIB)
  expect(warned).toEqual(['Head-room of the predecessor was not taken back'])
})
