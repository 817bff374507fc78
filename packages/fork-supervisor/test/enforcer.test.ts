import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import type { Channel } from '../src/index.ts'
import { forkCoordinator, forkEnforcer } from '../src/index.ts'
import { readFromSupervisor, readFromWorker, seal } from '../src/protocol.ts'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const program = bundled()
const signal = new AbortController().signal

/** A channel whose other end is the test. */
function memoryChannel() {
  const sent: Record<string, unknown>[] = []
  const listeners = new Set<(message: unknown) => void>()
  const ends = new Set<() => void>()
  let connected = true
  const channel: Channel = {
    get connected() {
      return connected
    },
    send: (message) => {
      sent.push(message as Record<string, unknown>)
      return Promise.resolve()
    },
    onMessage: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onDisconnect: (listener) => {
      ends.add(listener)
      return () => void ends.delete(listener)
    },
  }
  const receive = (message: unknown) => {
    for (const listener of listeners) listener(message)
  }
  const disconnect = () => {
    connected = false
    for (const end of ends) end()
  }
  return { channel, sent, listeners, ends, receive, disconnect }
}

describe('without a supervisor', () => {
  it('refuses in a sentence that says what to do', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program('unsupervised')])
    const { supervised, failures } = JSON.parse(stdout) as {
      supervised: boolean
      failures: string[]
    }
    expect(supervised).toBe(false)
    expect(failures).toEqual([
      expect.stringContaining('start it with `worker-recycler-fork` or `createForkSupervisor()`'),
      expect.stringContaining('leave the coordinator out'),
    ])
  })

  it('knows that a program started by a worker is not itself supervised', async () => {
    const env = { ...process.env, WORKER_RECYCLER_FORK: '1:1:aaaaaaaaaaaaaaaa' }
    const { stdout } = await promisify(execFile)(process.execPath, [program('unsupervised')], {
      env,
    })
    expect(JSON.parse(stdout)).toMatchObject({ supervised: false })
  })
})

describe('the line', () => {
  it('matches replies with calls, and ignores what is not its own', async () => {
    const { channel, sent, receive } = memoryChannel()
    const enforcer = forkEnforcer({ channel, clock: fakeClock() })
    const extended = enforcer.extendStop(500, { signal })
    const headroom = enforcer.grantHeadroom({ bytes: 9, forMs: 1 }, { signal })
    const [first, second] = sent.filter(({ type }) => type === 'call').map(({ id }) => String(id))
    receive('noise')
    receive(seal({ type: 'reply', id: 'other', ok: true, value: 1 }))
    receive(seal({ type: 'reply', id: second ?? '', ok: true, value: 7 }))
    receive(seal({ type: 'reply', id: first ?? '', ok: false, message: 'no' }))
    expect(await headroom).toBe(7)
    await expect(extended).rejects.toMatchObject({ code: 'ADAPTER_FAILED' })
    await enforcer.stop({ signal })
  })

  it('rejects a call when its time is over, and at once when it was over before', async () => {
    const { channel, sent } = memoryChannel()
    const enforcer = forkEnforcer({ channel, clock: fakeClock() })
    const over = new AbortController()
    const call = enforcer.ready({ signal: over.signal })
    over.abort(new Error('late'))
    await expect(call).rejects.toThrow('late')
    const calls = sent.length
    await expect(enforcer.ready({ signal: over.signal })).rejects.toThrow('late')
    expect(sent).toHaveLength(calls)
  })

  it('takes the death of the supervisor for a stop request, and fails calls', async () => {
    const { channel, disconnect } = memoryChannel()
    const enforcer = forkEnforcer({ channel, clock: fakeClock() })
    const waiting = enforcer.limits({ signal })
    const requests = enforcer.requests({ signal })[Symbol.asyncIterator]()
    const next = requests.next()
    disconnect()
    await expect(waiting).rejects.toMatchObject({ code: 'NO_SUPERVISOR' })
    expect(await next).toEqual({ done: false, value: { kind: 'stop' } })
    await expect(enforcer.ready({ signal })).rejects.toMatchObject({ code: 'NO_SUPERVISOR' })
  })

  it('keeps requests for an application that listens late, and says when they are taken', async () => {
    const { channel, sent, receive } = memoryChannel()
    const enforcer = forkEnforcer({ channel, clock: fakeClock() })
    const request = { kind: 'recycle', urgency: 'soft', reasons: [] } as const
    receive(seal({ type: 'request', request }))
    expect(sent.map(({ type }) => type)).toEqual(['hello', 'memory'])
    const end = new AbortController()
    const requests = enforcer.requests({ signal: end.signal })[Symbol.asyncIterator]()
    const { value } = await requests.next()
    expect(value).toMatchObject(request)
    expect(sent.at(-1)).toMatchObject({ type: 'heard', kind: 'recycle' })
    if (value?.kind === 'recycle') value.decline?.()
    expect(sent.at(-1)).toEqual(seal({ type: 'declined' }))
    const last = requests.next()
    end.abort()
    expect(await last).toMatchObject({ done: true })
  })

  it('listens to nothing, and holds no timer, after stop()', async () => {
    const { channel, listeners, ends } = memoryChannel()
    const clock = fakeClock()
    const enforcer = forkEnforcer({ channel, clock })
    const coordinator = forkCoordinator({ channel })
    const acquiring = coordinator.acquire(
      { cohort: 'c', max: 1, ttlMs: 1, holder: 'h' },
      { signal },
    )
    const failure = acquiring.catch((error: unknown) => error)
    await coordinator.stop?.({ signal })
    await enforcer.stop({ signal })
    await enforcer.stop({ signal })
    expect(await failure).toMatchObject({ code: 'NO_SUPERVISOR' })
    expect([listeners.size, ends.size, clock.pending]).toEqual([0, 0, 0])
    await expect(enforcer.ready({ signal })).rejects.toMatchObject({ code: 'NO_SUPERVISOR' })
  })
})

describe('the protocol', () => {
  const tag = { workerRecyclerFork: 1 }
  it.each([
    null,
    undefined,
    'x',
    [],
    {},
    { ...tag },
    { ...tag, type: 'call', id: 'a'.repeat(2000), call: { method: 'ready' } },
    { ...tag, type: 'heard', kind: 'other' },
    { ...tag, type: 'reply', id: 'a', ok: 'yes' },
    { ...tag, type: 'request', request: { kind: 'recycle', urgency: 'now', reasons: [] } },
  ])('reads nothing out of %j', (message) => {
    expect(readFromWorker(message)).toBeUndefined()
    expect(readFromSupervisor(message)).toBeUndefined()
  })

  it.each([
    { method: '__proto__' },
    { method: 'extendStop', ms: -1 },
    { method: 'extendStop', ms: null },
    { method: 'saveLedger', ledger: { version: 2 } },
    { method: 'acquire', request: { cohort: '' } },
    { method: 'release', cohort: 'c' },
    { method: 'headroom', request: [] },
    'ready',
  ])('knows who waits for an answer to %j', (call) => {
    expect(readFromWorker({ ...tag, type: 'call', id: 'a', call })).toEqual({
      type: 'malformed',
      id: 'a',
    })
  })

  it('refuses a ledger that is too long for the channel', () => {
    const ledger = { version: 1, identity: 'a', padding: 'x'.repeat(1_100_000) }
    expect(
      readFromWorker({ ...tag, type: 'call', id: 'a', call: { method: 'saveLedger', ledger } }),
    ).toEqual({ type: 'malformed', id: 'a' })
  })

  it('carries a budget without an end through JSON', () => {
    const notice = { leaving: 'stop', reasons: [], budgetMs: Infinity } as const
    const sent = JSON.parse(
      JSON.stringify(seal({ type: 'call', id: 'a', call: { method: 'stopping', notice } })),
    )
    expect(readFromWorker(sent)).toMatchObject({ call: { notice } })
  })
})

describe('what a worker may ask for', () => {
  it('is refused where the supervisor was not told to grant it', async () => {
    const { supervisor, said } = stage(program('asking'))
    await supervisor.start()
    expect(await said('extendedMs')).toMatchObject({
      extendedMs: 0,
      grantedBytes: 0,
      refused: expect.stringContaining('not well formed'),
    })
  })

  it('is granted up to the caps', async () => {
    const { supervisor, said, seen } = stage(program('asking'), {
      limits: { softBytes: 10 ** 12 },
      maxExtendMs: 1500,
      headroom: { maxBytes: 1000 },
    })
    await supervisor.start()
    expect(await said('extendedMs')).toMatchObject({
      extendedMs: 1000,
      more: 500,
      grantedBytes: 1000,
      limits: { softBytes: 10 ** 12 + 1000 },
    })
    expect(await seen('worker:headroom-granted')).toMatchObject({
      askedBytes: 5000,
      grantedBytes: 1000,
    })
  })
})
