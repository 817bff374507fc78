import { silentLogger } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCluster } from '../../../test/redis/cluster.ts'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { startRedis, type RedisOptions } from '../../../test/redis/redis-server.ts'
import { checkPermissions } from '../src/driver/check-permissions.ts'
import { checkServer, type ServerUse } from '../src/driver/check-server.ts'
import type { ConnectionOptions } from '../src/driver/connection.ts'
import { openDriver } from '../src/driver/ioredis-driver.ts'
import { readServerFacts, type ServerFacts } from '../src/driver/server-facts.ts'
import { nativeLayout } from '../src/layout/native.ts'
import { sidekiqLayout } from '../src/layout/sidekiq.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const native = nativeLayout()
const sidekiq = sidekiqLayout()

const GOOD: ServerFacts = {
  version: '7.0.15',
  software: 'redis',
  isCluster: false,
  role: 'primary',
  maxmemoryBytes: 0,
  evictionPolicy: 'noeviction',
  epochMs: 1_700_000_000_000,
  hasLmovem: false,
}
const USE: ServerUse = { layout: native, epochMs: 1_700_000_000_900 }
const check = (facts: Partial<ServerFacts>, use: Partial<ServerUse> = {}) =>
  checkServer({ ...GOOD, ...facts }, { ...USE, ...use })

describe('a server as it says it is', () => {
  it('is fine', () => {
    expect(check({})).toEqual([])
    expect(check({ isCluster: true })).toEqual([])
    expect(check({ software: 'valkey', softwareVersion: '8.1.0', version: '7.2.4' })).toEqual([])
    for (const version of ['6.2.0', '6.10.1', '10.0.0']) expect(check({ version })).toEqual([])
  })

  it('is too old', () => {
    for (const version of ['6.0.16', '5.0.7', '2.8.24']) {
      const [finding] = check({ version })
      expect(finding).toMatchObject({ code: 'server_too_old', severity: 'error' })
      expect(finding?.message).toContain(`redis ${version}`)
    }
  })

  it('evicts, now or once there is a limit', () => {
    const [now] = check({ evictionPolicy: 'allkeys-lru', maxmemoryBytes: 1 << 20 })
    expect(now).toMatchObject({ code: 'eviction', severity: 'error' })
    expect(now?.message).toMatch(/removes jobs \(`allkeys-lru`\).*maxmemory-policy noeviction/)
    const [once] = check({ evictionPolicy: 'allkeys-lru' })
    expect(once).toMatchObject({ code: 'eviction', severity: 'warning' })
    const [fences] = check({ evictionPolicy: 'volatile-lru', maxmemoryBytes: 1 << 20 })
    expect(fences?.severity).toBe('error')
    expect(fences?.message).toContain('fences')
  })

  it('does not tell', () => {
    const { version: _1, evictionPolicy: _2, maxmemoryBytes: _3, epochMs: _4, ...silent } = GOOD
    const found = checkServer(silent, USE)
    expect(found).toMatchObject([{ code: 'server_unknown', severity: 'warning' }])
    expect(found[0]?.message).toContain('+info')
  })

  it('is a replica, or a Cluster over which keys are scattered', () => {
    expect(check({ role: 'replica' })).toMatchObject([{ code: 'replica', severity: 'error' }])
    const [scattered] = check({ isCluster: true }, { layout: sidekiq })
    expect(scattered).toMatchObject({ code: 'layout_in_cluster', severity: 'error' })
  })

  it('has another clock', () => {
    const skewed = (ms: number) => check({}, { epochMs: 1_700_000_000_000 + ms })
    expect(skewed(1000)).toEqual([])
    expect(skewed(-1000)).toEqual([])
    expect(skewed(2500)[0]).toMatchObject({ code: 'clock_skew', severity: 'warning' })
    expect(skewed(2500)[0]?.message).toMatch('2.5 s ahead of')
    expect(skewed(-61_000)[0]?.severity).toBe('warning')
    expect(skewed(-61_000)[0]?.message).toMatch(/61\.0 s behind.*too early.*before anything else/)
  })

  it('keeps nothing but permits', () => {
    const bad = { evictionPolicy: 'allkeys-lru', maxmemoryBytes: 1, isCluster: true, epochMs: 0 }
    expect(check(bad)).toHaveLength(2)
    expect(check(bad, { needs: 'permits' })).toEqual([])
    expect(check({ version: '5.0.0', role: 'replica' }, { needs: 'permits' })).toHaveLength(2)
  })
})

async function start(options?: RedisOptions) {
  const redis = await startRedis(options)
  onTestFinished(() => redis.stop())
  return redis
}

async function open(options: ConnectionOptions) {
  const driver = openDriver(options, 'doctor', silentLogger)
  onTestFinished(() => driver.close())
  await driver.ready(new AbortController().signal)
  return driver
}

/** What is found about a server, as far as clocks of one machine agree. */
async function examine(options: ConnectionOptions, layout: ServerUse['layout'] = native) {
  const facts = await readServerFacts(await open(options))
  return { facts, found: checkServer(facts, { layout, epochMs: facts.epochMs ?? 0 }) }
}

describe.skipIf(reason)(`a server as it is${skipped}`, () => {
  it('is fine as it comes', async () => {
    const redis = await start()
    const { facts, found } = await examine({ url: redis.url })
    expect(found).toEqual([])
    expect(facts).toMatchObject({ isCluster: false, role: 'primary', maxmemoryBytes: 0 })
    expect(facts.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(facts.runId).toMatch(/^[0-9a-f]{40}$/)
    expect(facts.epochMs).toBeGreaterThan(1_600_000_000_000)
    expect(facts.softwareVersion === undefined).toBe(facts.software === 'redis')
    const driver = await open({ url: redis.url })
    expect(await checkPermissions(driver, native)).toEqual([])
    expect(await checkPermissions(driver, sidekiq)).toEqual([])
    const commands = (await (await redis.raw()).text('COMMAND', 'LIST')) as string[]
    expect(facts.hasLmovem).toBe(commands.includes('lmovem'))
  })

  it('evicts', async () => {
    const redis = await start({
      args: ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'],
    })
    const { facts, found } = await examine({ url: redis.url })
    expect(facts).toMatchObject({ maxmemoryBytes: 50 * 1024 * 1024, evictionPolicy: 'allkeys-lru' })
    expect(found).toMatchObject([{ code: 'eviction', severity: 'error' }])
  })

  it('is a replica', async () => {
    const primary = await start()
    const redis = await start({ args: ['--replicaof', primary.host, `${primary.port}`] })
    await redis.untilLine(/Finished with success|sync: Finished/)
    const { found } = await examine({ url: redis.url })
    expect(found).toMatchObject([{ code: 'replica', severity: 'error' }])
  })

  it('is part of a Cluster', async () => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.stop())
    const node = { url: `redis://127.0.0.1:${cluster.ports[0]}` }
    expect((await examine(node)).found).toEqual([])
    expect((await examine(node, sidekiq)).found).toMatchObject([{ code: 'layout_in_cluster' }])
    const nodes = cluster.ports.map((port) => ({ host: '127.0.0.1', port }))
    const whole = await open({ cluster: { nodes } })
    expect((await readServerFacts(whole)).isCluster).toBe(true)
    expect(await checkPermissions(whole, native)).toEqual([])
    const raw = await cluster.nodes[1]!.raw()
    await raw.command('ACL', 'SETUSER', 'default', '-lmove')
    const found = await checkPermissions(whole, native)
    expect(found.map(({ message }) => message)).toEqual([
      'The ACL user `default` may not run LMOVE: run `ACL SETUSER default +lmove`.',
    ])
  })
})

describe.skipIf(reason)(`an ACL user${skipped}`, () => {
  const as = async (rules: string, layout = native) => {
    const redis = await start({ acl: [`alice on >secret ${rules}`] })
    const url = `redis://alice:secret@127.0.0.1:${redis.port}`
    const driver = await open({ url })
    const found = await checkPermissions(driver, layout)
    const raw = await redis.raw()
    expect(await raw.text('KEYS', '*'), 'nothing was run').toEqual([])
    return { found, raw, driver, messages: found.map(({ message }) => message) }
  }
  const lacks = 'The ACL user `alice` may not run LMOVE, EVALSHA'

  it('lacks commands, where the server tells', async () => {
    const { found, messages } = await as('~* &* +@all -lmove -evalsha')
    expect(found).toMatchObject([{ code: 'permissions', severity: 'error' }])
    expect(messages).toEqual([`${lacks}: run \`ACL SETUSER alice +lmove +evalsha\`.`])
  })

  it('lacks commands, where it has to be tried', async () => {
    const { messages, driver } = await as('~* &* +@all -lmove -evalsha -acl|dryrun')
    expect(messages).toEqual([`${lacks}: run \`ACL SETUSER alice +lmove +evalsha\`.`])
    // The connection is as it was.
    expect(await driver.send([['PING']])).toEqual([Buffer.from('PONG')])
    const nameless = await as('~* &* +@all -lmove -evalsha -acl')
    expect(nameless.messages[0]).toContain('ACL SETUSER <user> +lmove +evalsha')
  })

  it('lacks keys and channels', async () => {
    for (const more of ['', ' -acl|dryrun']) {
      const { messages } = await as(`~{wr}:* +@all${more}`)
      expect(messages).toEqual([
        'The ACL user `alice` may not use keys `{wr/*`: run `ACL SETUSER alice ~{wr/*`.',
      ])
    }
    const beside = await as('~wr:* ~queue* ~working:* resetchannels +@all', sidekiq)
    expect(beside.messages[0]).toContain(
      '`ACL SETUSER alice ~schedule ~retry ~dead ~interrupted ~reliable-fetcher-heartbeat-*`',
    )
    expect(beside.messages[1]).toContain('`ACL SETUSER alice +subscribe &__redis__:invalidate`')
    expect(beside.messages).toHaveLength(2)
  })

  it('has all once the rules that are named were added', async () => {
    for (const layout of [native, sidekiq]) {
      const { raw, driver } = await as('+info +ping +acl|whoami +acl|dryrun', layout)
      const found = await checkPermissions(driver, layout)
      for (const { message } of found) {
        const [, rules] = /`ACL SETUSER alice ([^`]+)`/.exec(message) ?? []
        await raw.command('ACL', 'SETUSER', 'alice', ...rules!.split(' '))
      }
      expect(found.length).toBeGreaterThan(1)
      expect(await checkPermissions(driver, layout)).toEqual([])
    }
  })

  it('lacks what is good to have', async () => {
    const { found, messages } = await as('~* &* +@all -client|list -scan')
    expect(found.map(({ code }) => code)).toEqual(['permissions_optional', 'permissions_optional'])
    expect(messages[0]).toMatch(/CLIENT LIST.*leases alone.*`ACL SETUSER alice \+client\|list`/)
  })

  it('may not ask', async () => {
    const { found } = await as('~* &* +@all -acl -multi')
    expect(found).toMatchObject([{ code: 'permissions_unknown', severity: 'warning' }])
    const noEnd = await as('~* &* +@all -acl -discard')
    expect(noEnd.found).toMatchObject([{ code: 'permissions_unknown' }])
  })

  it('that may not ask what the server is still learns its version', async () => {
    const redis = await start({ acl: ['alice on >secret ~* &* +@all -info -command -time'] })
    const driver = await open({
      url: `redis://alice:secret@127.0.0.1:${redis.port}`,
      redis: { enableReadyCheck: false },
    })
    const facts = await readServerFacts(driver)
    expect(facts).toMatchObject({ role: 'primary', isCluster: false, hasLmovem: false })
    expect(facts.version).toMatch(/^\d+\./)
    expect(facts.epochMs).toBeUndefined()
    expect(checkServer(facts, USE)).toMatchObject([{ code: 'server_unknown' }])
  })
})
