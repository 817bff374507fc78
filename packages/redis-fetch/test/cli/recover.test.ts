import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { startProxy } from '../../../../test/redis/tcp-proxy.ts'
import { systemdCause } from '../../src/cli/systemd-cause.ts'
import { command } from './command.ts'
import { jobBytes, serverNow, storeWorker, waiting } from './stored-worker.ts'

const reason = withoutRedis()
const INVOCATION = '0123456789abcdef0123456789abcdef'
const UUID = '01234567-89AB-CDEF-0123-456789ABCDEF'
const IDENTITY = `web-1:4711:${INVOCATION}`
const OTHER = 'web-1:4712:fedcba987654'

describe.skipIf(reason)(`recover${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, server, url } = sharedRedis()
  const { start, run, json } = command()
  const recover = (prefix: string, ...args: string[]) => [
    'recover',
    '--url',
    url(),
    '--prefix',
    prefix,
    ...args,
  ]
  const workers = (prefix: string) => raw().text('ZRANGE', `{${prefix}}:workers`, 0, -1)
  const fence = (prefix: string) => raw().text('HGETALL', `{${prefix}}:fence:${IDENTITY}`)
  const store = (prefix: string, ...jobs: string[]) =>
    storeWorker(raw(), { prefix, identity: IDENTITY, jobs, leaseMs: 3_600_000 })

  it('puts back what an invocation held, and does nothing the second time', async () => {
    await store('invocation', 'one', 'two')
    await storeWorker(raw(), {
      prefix: 'invocation',
      identity: OTHER,
      jobs: ['x'],
      leaseMs: 60_000,
    })
    const args = recover('invocation', '--invocation', UUID, '--cause', 'signal')
    expect(await json(args)).toEqual({
      code: 0,
      value: {
        cause: 'signal',
        recovered: ['one', 'two'].map((id) => ({ id, name: 'paint', from: IDENTITY, to: 'queue' })),
      },
    })
    const back = [
      { id: 'one', interruptions: 1, cause: 'signal' },
      { id: 'two', interruptions: 1, cause: 'signal' },
    ]
    expect(new Set((await waiting(raw(), 'invocation')).map(({ id }) => id))).toEqual(
      new Set(['one', 'two']),
    )
    expect(await waiting(raw(), 'invocation')).toEqual(
      expect.arrayContaining(back.map((job) => expect.objectContaining(job))),
    )
    expect(await workers('invocation')).toEqual([OTHER])
    expect(await run(args)).toEqual({ code: 0, out: 'Nothing to recover\n', errors: '' })
    expect(await waiting(raw(), 'invocation')).toHaveLength(2)
    expect(await fence('invocation')).toEqual(
      expect.arrayContaining(['by', 'worker-recycler-redis']),
    )
  })

  it('tells people by worker what became of the jobs', async () => {
    await store('identity', 'one', 'two')
    await raw().command(
      'LPUSH',
      `{identity/default}:work:${IDENTITY}`,
      jobBytes('bad', { blamed: 2 }),
    )
    const args = recover('identity', '--identity', IDENTITY, '--max-interruptions', '3')
    const { code, out } = await run(args)
    expect(code).toBe(0)
    expect(out).toBe(`${IDENTITY}: 2 jobs put back, 1 job put into quarantine\n`)
    expect(await raw().command('ZCARD', '{identity/default}:quarantine')).toBe(1)
  })

  it('takes invocation and cause from systemd', async () => {
    await store('systemd', 'one')
    const env = { INVOCATION_ID: INVOCATION, SERVICE_RESULT: 'oom-kill', EXIT_CODE: 'killed' }
    const { code, value } = await json(recover('systemd', '--from-systemd'), env)
    expect(code).toBe(0)
    expect(value).toMatchObject({ cause: 'memory', recovered: [{ id: 'one' }] })
    expect(await fence('systemd')).toEqual(expect.arrayContaining(['cause', 'memory']))
    await store('told', 'one')
    const told = recover('told', '--from-systemd', '--cause', 'crash')
    expect((await json(told, env)).value).toMatchObject({ cause: 'crash' })
  })

  it('opens one connection, and asks for nothing but what it needs', async () => {
    await store('once', 'one')
    const proxy = await startProxy(server())
    onTestFinished(() => proxy.stop())
    const before = await connections()
    const through = `redis://127.0.0.1:${proxy.port}`
    await run(['recover', '--url', through, '--prefix', 'once', '--identity', IDENTITY])
    expect((await connections()) - before).toBe(1)
    expect(await raw().text('CLIENT', 'LIST')).not.toContain('name=worker-recycler:cli')
  })
  const connections = async () =>
    Number(/total_connections_received:(\d+)/.exec(String(await raw().text('INFO', 'stats')))?.[1])

  it('--dead recovers only who does not renew', async () => {
    const [silent, late] = [`web-9:1:${INVOCATION}`, 'web-9:2:abcabcabcabc']
    await storeWorker(raw(), { prefix: 'dead', identity: silent, jobs: ['lost'], leaseMs: -60_000 })
    await storeWorker(raw(), { prefix: 'dead', identity: late, jobs: ['slow'], leaseMs: -60_000 })
    await storeWorker(raw(), { prefix: 'dead', identity: OTHER, jobs: ['x'], leaseMs: 60_000 })
    const { until, ended } = start(recover('dead', '--dead', '--lease', '3s', '--json'))
    await until(/Watching 3 workers for one lease time, 3 s/)
    await raw().command('ZADD', '{dead}:workers', (await serverNow(raw())) + 60_000, late)
    const { code, out, errors } = await ended
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      cause: 'unknown',
      recovered: [{ id: 'lost', name: 'paint', from: silent, to: 'queue' }],
    })
    expect(errors).toMatch(/: 1 of 3 silent, 0 ms left\n$/)
    expect(await workers('dead')).toEqual(expect.arrayContaining([OTHER, late]))
    expect(await raw().command('LLEN', `{dead/default}:work:${late}`)).toBe(1)
  })

  it('--dead gives no verdict when the connection broke meanwhile', async () => {
    await storeWorker(raw(), { prefix: 'cut', identity: IDENTITY, jobs: ['one'], leaseMs: -60_000 })
    const proxy = await startProxy(server())
    onTestFinished(() => proxy.stop())
    const args = recover('cut', '--dead', '--lease', '6s')
    const { until, ended } = start([...args, '--url', `redis://127.0.0.1:${proxy.port}`])
    await until(/Watching 1 worker for/)
    proxy.cut()
    const { code, out, errors } = await ended
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors).toMatch(/: The connection broke while leases were watched: no verdict, nothing/)
    expect(await raw().command('LLEN', `{cut/default}:work:${IDENTITY}`)).toBe(1)
  })

  it('--dead is interrupted, and has nothing to watch without workers', async () => {
    const nobody = await run(recover('nobody', '--dead'))
    expect(nobody).toEqual({ code: 0, out: 'Nothing to recover\n', errors: '' })
    await storeWorker(raw(), { prefix: 'int', identity: IDENTITY, jobs: ['one'], leaseMs: -60_000 })
    const { child, until, ended } = start(recover('int', '--dead', '--lease', '1h'))
    await until(/Watching 1 worker for/)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/: Interrupted\n$/),
    })
    expect(await workers('int')).toEqual([IDENTITY])
  })

  it('waits for a server that comes back', async () => {
    await store('patient', 'one')
    const proxy = await startProxy(server())
    onTestFinished(() => proxy.stop())
    proxy.cutWhen((bytes) => bytes.includes('INFO'))
    const args = ['recover', '--prefix', 'patient', '--identity', IDENTITY]
    const { code, value } = await json([...args, '--url', `redis://127.0.0.1:${proxy.port}`])
    expect({ code, value }).toMatchObject({ code: 0, value: { recovered: [{ id: 'one' }] } })
  })
})

it.each([
  ['oom-kill', 'killed', 'KILL', 'memory'],
  ['signal', 'killed', 'KILL', 'signal'],
  ['core-dump', 'dumped', 'SEGV', 'signal'],
  ['watchdog', 'killed', 'ABRT', 'signal'],
  ['timeout', 'killed', 'KILL', 'signal'],
  ['exit-code', 'exited', '1', 'crash'],
  ['exit-code', 'exited', '75', 'recycle'],
  ['success', 'exited', '75', 'recycle'],
  ['success', 'exited', '0', 'stop'],
  ['success', 'killed', 'TERM', 'stop'],
  ['resources', '', '', 'unknown'],
])('systemd says %s (%s, %s): %s', (SERVICE_RESULT, EXIT_CODE, EXIT_STATUS, cause) => {
  const none = () => false
  expect(systemdCause({ SERVICE_RESULT, EXIT_CODE, EXIT_STATUS }, none)).toBe(cause)
  expect(systemdCause({ EXIT_CODE, EXIT_STATUS }, none)).toBeUndefined()
})

it.each([
  ['oom-kill', 'killed', 'KILL', 'memory'],
  ['signal', 'killed', 'KILL', 'memory'],
  ['signal', 'killed', 'SEGV', 'signal'],
  ['timeout', 'killed', 'KILL', 'signal'],
  ['success', 'exited', '0', 'stop'],
])(
  'systemd says %s (%s, %s) where the kernel has counted an OOM kill: %s',
  (SERVICE_RESULT, EXIT_CODE, EXIT_STATUS, cause) => {
    expect(systemdCause({ SERVICE_RESULT, EXIT_CODE, EXIT_STATUS }, () => true)).toBe(cause)
  },
)
