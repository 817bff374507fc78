import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SystemdRequest } from '../../src/index.ts'
import { type RemoteHost, startHost } from './kit/remote-host.ts'
import { sharedContainer } from './kit/shared-container.ts'
import { addUnits, service, show } from './kit/units.ts'

const { container, isThere, journal } = sharedContainer()
let host: RemoteHost

beforeAll(async () => {
  if (isThere()) host = await startHost(container())
})
afterAll(() => host?.stop())

/** Adds a unit that runs a shell script, and applies a request to it. */
async function add(
  name: string,
  script: string,
  request: Omit<SystemdRequest, 'target'>,
): Promise<void> {
  const command = `/bin/sh -c "${script.replaceAll('$', '$$$$')}"`
  await addUnits(container(), { [name]: service(`ExecStart=${command}`) })
  await host.apply(await host.plan({ target: name, ...request }))
}

const start = (unit: string) => container().run('systemctl', 'start', '--no-block', unit)

it('starts a worker again that exits with 75, and has not seen a failure', async () => {
  const script = 'mkdir /run/recycled && exit 75; exec sleep infinity'
  await add('recycles.service', script, { restart: { delayMs: 100 } })
  await start('recycles.service')
  await journal().untilMessage('recycles.service', /Scheduled restart job/)
  await journal().untilMessage('recycles.service', /^Started /, 2)
  const shown = await show(container(), 'recycles.service', 'ActiveState', 'NRestarts', 'Result')
  expect(shown).toEqual({ ActiveState: 'active', NRestarts: '1', Result: 'success' })
  const about = journal().entries.filter(({ UNIT }) => UNIT === 'recycles.service')
  expect(about.filter(({ MESSAGE }) => MESSAGE?.includes('Failed'))).toEqual([])
  const [status] = await host.status('recycles.service')
  expect(status).toMatchObject({ running: true, restarts: 1, result: 'success' })
})

it('starts a worker again that was killed, and not one that ended by itself', async () => {
  await add('killed.service', 'exec sleep infinity', { restart: { delayMs: 100 } })
  await add('ended.service', 'exit 0', { restart: { delayMs: 100 } })
  await container().run('systemctl', 'start', 'killed.service')
  await container().run('systemctl', 'kill', '--signal=KILL', 'killed.service')
  await journal().untilMessage('killed.service', /^Started /, 2)
  await start('ended.service')
  await journal().untilMessage('ended.service', /Deactivated successfully/)
  expect(await show(container(), 'killed.service', 'ActiveState', 'NRestarts')).toEqual({
    ActiveState: 'active',
    NRestarts: '1',
  })
  expect((await show(container(), 'ended.service', 'ActiveState'))['ActiveState']).toBe('inactive')
})

it('gives up after as many starts as were asked for', async () => {
  await add('crashes.service', 'exit 1', { restart: { delayMs: 10, starts: 3, inMs: 60_000 } })
  await start('crashes.service')
  await journal().untilMessage('crashes.service', /Start request repeated too quickly/)
  await journal().untilMessage('crashes.service', /^Failed to start /)
  expect(await show(container(), 'crashes.service', 'ActiveState', 'NRestarts')).toEqual({
    ActiveState: 'failed',
    NRestarts: '3',
  })
  const runs = journal().entries.filter(
    ({ UNIT, MESSAGE }) => UNIT === 'crashes.service' && MESSAGE?.startsWith('Started '),
  )
  expect(runs).toHaveLength(3)
})

it('counts recycles against the start limit like any other start', async () => {
  const restart = { delayMs: 10, starts: 3, inMs: 60_000 }
  await add('loops.service', 'exit 75', { restart })
  await start('loops.service')
  await journal().untilMessage('loops.service', /Start request repeated too quickly/)
  await journal().untilMessage('loops.service', /^Failed to start /)
  const shown = await show(container(), 'loops.service', 'ActiveState', 'Result')
  expect(shown['ActiveState']).toBe('failed')
})

it('kills a worker that does not stop in the time of the plan', async () => {
  const script = 'trap : TERM; echo deaf; while :; do sleep 1; done'
  await add('slow.service', script, { stop: { timeoutMs: 700 } })
  await container().run('systemctl', 'start', 'slow.service')
  await journal().untilMessage('slow.service', /^deaf$/)
  await container().run('systemctl', 'stop', 'slow.service')
  await journal().untilMessage('slow.service', /State 'stop-sigterm' timed out\. Killing\./)
  const shown = await show(container(), 'slow.service', 'Result', 'TimeoutStopUSec')
  expect(shown).toEqual({ Result: 'timeout', TimeoutStopUSec: '700ms' })
})

it('asks only the main process to stop', async () => {
  const child = "(trap 'echo heard' TERM; echo up; while :; do sleep 1; done) & "
  const main = "trap 'exit 0' TERM; wait"
  await add('mixed.service', child + main, { stop: {} })
  await container().run('systemctl', 'start', 'mixed.service')
  await journal().untilMessage('mixed.service', /^up$/)
  await container().run('systemctl', 'stop', 'mixed.service')
  await container().run('journalctl', '--sync')
  const own = await container().run('journalctl', '--quiet', '--output=cat', '--unit=mixed.service')
  expect(own).not.toContain('heard')
  expect(own).toContain('Deactivated successfully')
})
