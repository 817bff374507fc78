import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { createTlsFiles, withoutTls } from '../../../../test/redis/tls-files.ts'
import { keyRules } from '../../src/driver/key-rules.ts'
import { NEEDED_COMMANDS } from '../../src/driver/needed-commands.ts'
import { layoutOf } from '../../src/layout/layouts.ts'
import {
  faultScene,
  LAYOUTS,
  type LayoutName,
  ownQueue,
  ownServer,
  rejection,
  untilTrue,
} from './fault-scene.ts'
import { inProcessWorker, type InProcessOptions } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const noTls = reason ?? withoutTls()

/** The ACL rules that the documentation is made of, as far as this server knows the commands. */
async function documented(raw: RawRedis, layout: LayoutName, but = ''): Promise<string[]> {
  const known = new Set((await raw.text('COMMAND', 'LIST')) as string[])
  const commands = NEEDED_COMMANDS.filter(
    ({ only, name }) =>
      (only === undefined || only === layout) &&
      name !== but &&
      known.has(name.replace(/\|.*/, '')),
  )
  const channels = commands.flatMap(({ channel }) => channel ?? [])
  const keys = keyRules(layoutOf(layout)).map(({ pattern }) => `~${pattern}`)
  return ['-@all', ...commands.map(({ name }) => `+${name}`), ...channels, ...keys]
}

/** All that a fleet does in its life. */
async function fullCycle(options: InProcessOptions): Promise<void> {
  const queue = ownQueue({ ...options, maxInterruptions: 1 })
  const first = inProcessWorker({
    ...options,
    name: 'worker-1',
    leaseMs: 1000,
    retries: { baseMs: 1, maxMs: 1, maxAttempts: 2 },
    adoptMs: 1000,
  })
  await first.start()
  const { id } = await queue.enqueue('paint', [], { id: 'mona-lisa' })
  ;(await first.run(id)).fail(new Error('No paint'))
  await first.until(() => first.runs.length === 2)
  first.runs[1]?.fail(new Error('Still no paint'))
  await first.until(() => first.settled.length === 2)
  expect(await queue.dead.list()).toHaveLength(1)
  expect(await queue.dead.release(id)).toBe(true)
  await first.until(() => first.runs.length === 3)
  await first.quiesce()
  await queue.recover({ identity: first.identity, cause: 'memory' })
  expect(await queue.quarantine.list()).toMatchObject([{ id, suspect: true }])
  expect(await queue.quarantine.release(id)).toBe(true)
  const heir = inProcessWorker({ ...options, name: 'worker-1', leaseMs: 1000, auto: true })
  await heir.start()
  await heir.until(() => heir.settled.length === 1)
  await queue.enqueue('paint', [], { delayMs: 1 })
  await heir.until(() => heir.settled.length === 2)
  expect(await queue.adopt()).toEqual([])
  await untilTrue(async () => (await queue.status()).keeper === heir.identity)
  const { workers, queues } = await queue.status()
  expect(workers.map(({ identity }) => identity)).toEqual([heir.identity])
  expect(queues).toMatchObject([{ name: 'default', waiting: 0, dead: 0, quarantine: 0 }])
  await heir.stop()
  expect(first.logged.concat(heir.logged).filter(({ fields }) => saysNoPerm(fields))).toEqual([])
}

const saysNoPerm = (fields: object) => /NOPERM/.test(String(Object.values(fields)))

describe.skipIf(reason)(`who may do what${skipped}`, () => {
  describe.each(LAYOUTS)('%s layout', (layout) => {
    it('the documented rules are enough for everything', async () => {
      const { server, raw } = await ownServer()
      const rules = await documented(raw, layout)
      await raw.command('ACL', 'SETUSER', 'alice', 'on', '>secret', ...rules)
      const url = `redis://alice:secret@127.0.0.1:${server.port}`
      await fullCycle({ url, layout })
      const log = (await raw.text('ACL', 'LOG')) as unknown[]
      const refused = log
        .flat()
        .map(String)
        .filter((_, index, all) => all[index - 1] === 'object')
      // What the check asks about although nobody needs it, and what tells who asks.
      const asked = new Set(['acl|whoami', 'acl|dryrun', 'discard', 'multi', 'client|setinfo'])
      expect(refused.filter((command) => !asked.has(command))).toEqual([])
    })

    it.each(['lmove', 'evalsha', 'zpopmin', 'bzpopmin'])(
      'without %s a worker does not start',
      async (name) => {
        const { server, raw } = await ownServer()
        const rules = [...(await documented(raw, layout, name)), '+acl|whoami', '+acl|dryrun']
        await raw.command('ACL', 'SETUSER', 'alice', 'on', '>secret', ...rules)
        const url = `redis://alice:secret@127.0.0.1:${server.port}`
        const refused = inProcessWorker({ url, layout }).start()
        await expect(refused).rejects.toMatchObject({ code: 'STORAGE_UNFIT' })
        await expect(refused).rejects.toThrow(`ACL SETUSER alice +${name}`)
      },
    )

    it('wrong credentials are refused at once, and not repeated', async () => {
      const { server } = await ownServer({
        password: 'right',
        acl: ['alice on >secret ~* &* +@all'],
      })
      for (const credentials of ['alice:hunter2', ':hunter2']) {
        const url = `redis://${credentials}@127.0.0.1:${server.port}`
        const worker = inProcessWorker({ url, layout })
        const error: unknown = await worker.start().catch((refusal: unknown) => refusal)
        expect(error).toMatchObject({ code: 'STORAGE_UNFIT' })
        expect(String(error)).toMatch(/refuses these credentials/)
        const told = inspect([error, worker.logged], { depth: 20, showHidden: true })
        expect(told).not.toContain('hunter2')
        const adding = ownQueue({ url, layout }).enqueue('paint', [])
        await expect(adding).rejects.toMatchObject({ code: 'STORAGE_UNFIT' })
      }
      const none = inProcessWorker({ url: `redis://127.0.0.1:${server.port}`, layout }).start()
      await expect(none).rejects.toMatchObject({ code: 'STORAGE_UNFIT' })
      await expect(none).rejects.toThrow(/wants credentials/)
    })

    it('a server that removes jobs when it is full is refused', async () => {
      const args = ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru']
      const { server, raw } = await ownServer({ args })
      const refused = inProcessWorker({ url: server.url, layout }).start()
      await expect(refused).rejects.toMatchObject({ code: 'STORAGE_UNFIT' })
      await expect(refused).rejects.toThrow(/CONFIG SET maxmemory-policy noeviction/)
      expect(await raw.text('KEYS', '*')).toEqual([])
    })
  })

  describe.skipIf(noTls)(`over TLS${noTls ? ` (skipped: ${noTls})` : ''}`, () => {
    it('jobs run', async () => {
      const tls = createTlsFiles()
      onTestFinished(() => tls.remove())
      const { server, raw } = await ownServer({ tls })
      const scene = faultScene(() => raw, 'native')
      const connection = {
        ...scene.storage,
        url: server.url,
        redis: { tls: { ca: readFileSync(tls.ca) } },
      }
      const worker = inProcessWorker({ ...connection, auto: true, leaseMs: 1000 })
      await worker.start()
      const { id } = await ownQueue(connection).enqueue('paint', [])
      await worker.until(() => worker.settled.length === 1)
      expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
      // Its lease is renewed, too.
      const deadline = () => raw.text('ZSCORE', scene.keys().workers, worker.identity)
      const before = await deadline()
      await untilTrue(async () => (await deadline()) !== before)
      expect(worker.said(/not renewed/)).toEqual([])
    })

    it('a certificate that nobody vouches for is not trusted', async () => {
      const tls = createTlsFiles()
      onTestFinished(() => tls.remove())
      const { server } = await ownServer({ tls })
      const worker = inProcessWorker({ url: server.url })
      const given = new AbortController()
      const refused = rejection(worker.start(given.signal))
      await worker.until(() => worker.said(/cannot be reached/).length > 0)
      expect(String(worker.logged.map(({ fields }) => Object.values(fields)))).toMatch(
        /self-signed/,
      )
      given.abort(new Error('No longer wanted'))
      expect(await refused).toMatchObject({ message: 'No longer wanted' })
    })
  })
})
