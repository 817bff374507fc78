import { dirname } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCluster } from '../../../../test/redis/cluster.ts'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { startRedis } from '../../../../test/redis/redis-server.ts'
import { startSentinelSet } from '../../../../test/redis/sentinel.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { createTlsFiles, withoutTls } from '../../../../test/redis/tls-files.ts'
import { command, file } from './command.ts'

const reason = withoutRedis()
const SECRET = 's3cr3t/of+mine'
const { run, json } = command()

describe('passwords', () => {
  it.each([
    `redis://:${encodeURIComponent(SECRET)}@127.0.0.1:1`,
    `redis://127.0.0.1:1?password=${encodeURIComponent(SECRET)}`,
    `http://me:${encodeURIComponent(SECRET)}@127.0.0.1:1`,
    `redis://me:${SECRET}@:x`,
  ])('are refused on the command line: %s', async (url) => {
    const { code, errors } = await run(['status', '--url', url])
    expect(code).toBe(2)
    expect(errors).toContain('--url holds a password, which everybody on this host can read')
    expect(errors).toContain('--url-file')
    expect(errors).not.toContain('s3cr3t')
  })

  it.each([
    [`redis://:${encodeURIComponent(SECRET)}@127.0.0.1:1`, 'status'],
    ['--wrong-place', `redis://:${encodeURIComponent(SECRET)}@127.0.0.1:1`],
    ['status', '--cluster', `redis://:${encodeURIComponent(SECRET)}@127.0.0.1:1`],
  ])('are not repeated where they do not belong: %s %s', async (...args) => {
    const { code, errors } = await run(args)
    expect(code).toBe(2)
    expect(errors).not.toContain('s3cr3t')
  })

  it.each([0o644, 0o604, 0o602])('are refused in a file of mode %o', async (mode) => {
    const path = file(`redis://:${encodeURIComponent(SECRET)}@127.0.0.1:1`, mode)
    const { code, errors } = await run(['status', '--url-file', path])
    expect(code).toBe(2)
    expect(errors).toContain(`everybody on this host may read the password in ${path}: run chmod`)
    expect(await run(['status', '--password-file', path])).toMatchObject({ code: 2 })
  })

  it('are asked for where the file is missing, empty, or holds no URL', async () => {
    const missing = await run(['status', '--url-file', '/nowhere/url'])
    expect(missing).toMatchObject({ code: 2 })
    expect(missing.errors).toContain('--url-file: /nowhere/url cannot be read (ENOENT)')
    expect((await run(['status', '--url-file', file(' \n')])).errors).toContain('is empty')
    const wrong = await run(['status', '--url-file', file(SECRET)])
    expect(wrong.errors).toContain('is no URL such as redis://')
    expect(wrong.errors).not.toContain('s3cr3t')
  })
})

it.each([
  [['--url', 'redis://a', '--cluster', 'b:1'], 'Give one of --url, --url-file'],
  [['--url', 'redis://a', '--url-file', 'b'], 'Give one of --url, --url-file'],
  [['--sentinel', 'a:1'], '--sentinel and --sentinel-name belong together'],
  [['--cluster', 'a'], '--cluster takes HOST:PORT'],
  [['--cluster', 'a:70000'], '--cluster takes HOST:PORT'],
  [['--tls-ca', '/nowhere'], '--tls-ca: /nowhere cannot be read (ENOENT)'],
  [['--url', 'http://a'], '--url is no URL such as redis://'],
])('%j is misuse', async (args, sentence) => {
  const { code, errors } = await run(['status', ...args])
  expect(code).toBe(2)
  expect(errors).toContain(sentence)
})

describe.skipIf(reason)(`a real server${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { server } = sharedRedis({
    password: SECRET,
    acl: [`reader on >${SECRET} ~* &* +@all`, 'nobody on >other ~* &* +@all -info'],
  })
  const plain = () => `redis://127.0.0.1:${server().port}`
  const full = () => `redis://:${encodeURIComponent(SECRET)}@127.0.0.1:${server().port}`
  const enqueued = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { code, value } = await json(['enqueue', 'paint', ...args], env)
    expect(code).toBe(0)
    return value
  }
  const done = { outcome: 'enqueued' }

  it('is found by a file, of a mode that keeps others out', async () => {
    for (const mode of [0o600, 0o640, 0o400]) {
      expect(await enqueued(['--url-file', file(`${full()}\n`, mode)])).toMatchObject(done)
    }
    const open = file(plain(), 0o644)
    const args = ['--url-file', open, '--password-file', file(SECRET)]
    expect(await enqueued(args), 'a URL without a password is no secret').toMatchObject(done)
  })

  it('is found by the environment, the more specific first', async () => {
    const nowhere = 'redis://127.0.0.1:1'
    const credentials = dirname(file(full(), 0o400))
    expect(await enqueued([], { REDIS_URL: full() })).toMatchObject(done)
    const two = { WORKER_RECYCLER_REDIS_URL: full(), REDIS_URL: nowhere }
    expect(await enqueued([], two)).toMatchObject(done)
    const credential = { CREDENTIALS_DIRECTORY: credentials, REDIS_URL: nowhere }
    expect(await enqueued([], credential)).toMatchObject(done)
    const own = { WORKER_RECYCLER_REDIS_URL: nowhere, CREDENTIALS_DIRECTORY: credentials }
    expect(await run(['enqueue', 'paint'], own)).toMatchObject({ code: 1 })
  })

  it('takes user and password beside the URL', async () => {
    const url = ['--url', plain()]
    expect(await enqueued(url, { REDIS_PASSWORD: SECRET })).toMatchObject(done)
    const user = { REDIS_USERNAME: 'reader', REDIS_PASSWORD: SECRET }
    expect(await enqueued(url, user)).toMatchObject(done)
    const named = plain().replace('redis://', 'redis://reader@')
    expect(await enqueued(['--url', named], { REDIS_PASSWORD: SECRET })).toMatchObject(done)
    const both = { REDIS_URL: full(), REDIS_USERNAME: 'nobody', REDIS_PASSWORD: 'wrong' }
    expect(await enqueued([], both), 'what the URL says belongs together').toMatchObject(done)
  })

  it('refuses wrong credentials and none, in one sentence without them', async () => {
    const none = await run(['status', '--url', plain()])
    expect(none.code).toBe(1)
    expect(none.errors).toMatch(
      /^worker-recycler-redis: [^\n]*The server wants credentials[^\n]*\n$/,
    )
    const wrong = await run(['status', '--url', plain()], { REDIS_PASSWORD: 'guess-of-mine' })
    expect(wrong.code).toBe(1)
    expect(wrong.errors).toMatch(/^worker-recycler-redis: [^\n]*refuses these credentials[^\n]*\n$/)
    expect(wrong.errors).not.toContain('guess-of-mine')
  })

  it('is found through TLS, with the certificate to trust', async (context) => {
    context.skip(withoutTls() !== undefined, withoutTls())
    const tls = createTlsFiles()
    onTestFinished(() => tls.remove())
    const encrypted = await startRedis({ tls })
    onTestFinished(() => encrypted.stop())
    const url = ['--url', `rediss://127.0.0.1:${encrypted.port}`]
    expect(await enqueued([...url, '--tls-ca', tls.ca])).toMatchObject(done)
    const { code, errors } = await run(['status', ...url])
    expect(code).toBe(1)
    expect(errors).toMatch(/cannot be reached: [^\n]*certificate[^\n]*\n$/)
  })

  it('is found by Sentinels', async () => {
    const set = await startSentinelSet()
    onTestFinished(() => set.stop())
    const sentinels = set.sentinels.flatMap(({ host, port }) => ['--sentinel', `${host}:${port}`])
    const args = [...sentinels, '--sentinel-name', set.name]
    expect(await enqueued([...args, '--id', 'by-sentinel'])).toMatchObject(done)
    const raw = await set.primary().raw()
    expect(await raw.command('LLEN', '{wr/default}:wait')).toBe(1)
  })

  it('is found in a Cluster', async () => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.stop())
    const args = cluster.nodes.flatMap(({ host, port }) => ['--cluster', `${host}:${port}`])
    expect(await enqueued(args)).toMatchObject(done)
    const { out } = await run(['status', ...args])
    expect(out).toMatch(/default +1 /)
    const { value } = await json(['doctor', ...args])
    expect(value).toMatchObject({ ok: true, servers: [{}, {}, {}] })
    const sidekiq = await json(['doctor', ...args, '--layout', 'sidekiq'])
    expect(sidekiq).toMatchObject({ code: 1, value: { ok: false } })
  })
})
