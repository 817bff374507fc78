import { isRecyclerError } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { isSystemdService, readService } from '../../src/worker/environment.ts'

const INVOCATION = '0123456789abcdef0123456789abcdef'
const env = { INVOCATION_ID: INVOCATION, NOTIFY_SOCKET: '/run/systemd/notify' }
const SLICE = '/system.slice/system-worker.slice'

/** What `/proc/self/cgroup` says on cgroup v2. */
const unified = (controlGroup: string) => `0::${controlGroup}\n`

describe('a process that systemd started as a service', () => {
  it('knows its unit, its invocation and its cgroup', () => {
    expect(readService(env, unified(`${SLICE}/worker@1.service`))).toEqual({
      unit: 'worker@1.service',
      invocation: INVOCATION,
      controlGroup: `${SLICE}/worker@1.service`,
      isUser: false,
    })
  })

  it('needs no socket for that: notifications are another matter', () => {
    expect(
      isSystemdService({ INVOCATION_ID: INVOCATION }, unified('/system.slice/a.service')),
    ).toBe(true)
  })

  it('is the whole unit, though it moved into a cgroup of its own below (Delegate=)', () => {
    expect(readService(env, unified('/system.slice/worker.service/jobs/one'))).toMatchObject({
      unit: 'worker.service',
      controlGroup: '/system.slice/worker.service',
    })
  })

  it('is of a user’s manager below the service of that', () => {
    const own = '/user.slice/user-1000.slice/user@1000.service/app.slice/worker.service'
    expect(readService(env, unified(own))).toMatchObject({
      unit: 'worker.service',
      controlGroup: own,
      isUser: true,
    })
  })

  it('is not of a user’s manager where it is that manager itself', () => {
    const own = '/user.slice/user-1000.slice/user@1000.service'
    expect(readService(env, unified(own))).toMatchObject({
      unit: 'user@1000.service',
      isUser: false,
    })
  })

  it('is found by the hierarchy of systemd where cgroups are v1', () => {
    const text = `11:memory:/elsewhere.service
4:cpu,cpuacct:/system.slice
1:name=systemd:/system.slice/worker.service
`
    expect(readService(env, text)).toMatchObject({
      unit: 'worker.service',
      controlGroup: '/system.slice/worker.service',
    })
  })

  it('is found by that where cgroups are hybrid, too, whatever comes first', () => {
    const lines = ['0::/system.slice/outer.service', '1:name=systemd:/system.slice/worker.service']
    for (const text of [lines, lines.toReversed()]) {
      expect(readService(env, text.join('\n'))).toMatchObject({ unit: 'worker.service' })
    }
  })

  it.each([
    [String.raw`worker\x2done@a\x2fb.service`, String.raw`worker\x2done@a\x2fb.service`],
    ['worker@a:b_c.d.service', 'worker@a:b_c.d.service'],
    // As the kernel has a file `memory.…`, and systemd an escape for what begins with one itself.
    ['_memory.service', 'memory.service'],
    ['__odd.service', '_odd.service'],
  ])('whose cgroup is %s has the name %s', (directory, unit) => {
    expect(readService(env, unified(`/system.slice/${directory}`))).toMatchObject({
      unit,
      controlGroup: `/system.slice/${directory}`,
    })
  })
})

describe('a process that systemd did not start as a service', () => {
  const service = unified('/system.slice/worker.service')

  it.each([
    ['without an invocation', { NOTIFY_SOCKET: '/run/systemd/notify' }, service],
    ['with an invocation that is none', { INVOCATION_ID: 'ABC' }, service],
    ['with an empty one', { INVOCATION_ID: '' }, service],
    [
      'in the session of somebody who logged in',
      env,
      unified('/user.slice/user-1000.slice/session-1.scope'),
    ],
    [
      'in a terminal below the user’s manager',
      env,
      unified('/user.slice/user-1000.slice/user@1000.service/app.slice/app-terminal-1.scope'),
    ],
    ['in a container of its own cgroup namespace', env, unified('/')],
    ['in a container that is a scope', env, unified('/system.slice/docker-0a1b.scope')],
    ['in a slice alone', env, unified('/system.slice')],
    ['on another system than Linux', env, ''],
  ])('%s is told so', (_title, given, text) => {
    expect(isSystemdService(given, text)).toBe(false)
    const error: unknown = (() => {
      try {
        return readService(given, text)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(isRecyclerError(error, 'NO_SUPERVISOR')).toBe(true)
    expect(String(error)).toMatch(/start it by its unit, or choose another enforcer/)
  })
})
