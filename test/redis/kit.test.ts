import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keyPrefix } from './key-prefix.ts'
import { withoutRedis } from './redis-binary.ts'
import { startRedis, type RedisOptions } from './redis-server.ts'
import { RedisError } from './resp.ts'
import { sharedRedis } from './shared-redis.ts'
import { createTlsFiles, withoutTls } from './tls-files.ts'
import { turn } from './turn.ts'

const reason = withoutRedis()
const skipped = (why: string | undefined) => (why ? ` (skipped: ${why})` : '')

async function server(options?: RedisOptions) {
  const started = await startRedis(options)
  onTestFinished(() => started.stop())
  return started
}

describe.skipIf(reason)(`the raw client${skipped(reason)}`, () => {
  const { raw, server: shared } = sharedRedis()

  it('gives bytes back as they were sent', async () => {
    const key = keyPrefix()
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    await raw().command('SET', key, bytes)
    expect(await raw().command('GET', key)).toEqual(bytes)
    const large = Buffer.alloc(3_000_000, '\r\n')
    await raw().command('SET', key, large)
    expect(large.equals((await raw().command('GET', key)) as Buffer)).toBe(true)
  })

  it('reads numbers, nothing, and arrays in arrays', async () => {
    const key = keyPrefix()
    expect(await raw().command('INCRBY', key, -7)).toBe(-7)
    expect(await raw().command('GET', `${key}none`)).toBeNull()
    expect(await raw().command('BLMOVE', `${key}none`, key, 'LEFT', 'LEFT', 0.01)).toBeNull()
    expect(await raw().text('EVAL', "return {1, {'a', {}, false}}", 0)).toEqual([
      1,
      ['a', [], null],
    ])
  })

  it('rejects with an error of the server, and has it as a value among others', async () => {
    const key = keyPrefix()
    const replies = await raw().pipeline([
      ['SET', key, 'text'],
      ['LPUSH', key, 1],
      ['MULTI'],
      ['LPUSH', key, 1],
      ['GET', key],
      ['EXEC'],
    ])
    expect(replies[1]).toBeInstanceOf(RedisError)
    expect(replies[5]).toEqual([expect.any(RedisError), Buffer.from('text')])
    await expect(raw().command('LPUSH', key, 1)).rejects.toMatchObject({ code: 'WRONGTYPE' })
  })

  it('hears what it subscribed to', async () => {
    const subscriber = await shared().raw()
    const heard = new Promise((resolve) => void subscriber.onMessage(resolve))
    await subscriber.command('SUBSCRIBE', 'news')
    await raw().command('PUBLISH', 'news', Buffer.from([0xff]))
    expect(await heard).toEqual([Buffer.from('message'), Buffer.from('news'), Buffer.from([0xff])])
  })
})

describe.skipIf(reason)(`a server${skipped(reason)}`, () => {
  it('keeps its port and its append-only file over a kill', async () => {
    const redis = await server({ aof: true })
    const { pid } = redis
    const before = await redis.raw()
    await before.command('SET', 'key', 'value')
    await redis.kill()
    await before.closed
    await expect(before.command('GET', 'key')).rejects.toThrow(`port ${redis.port}`)
    await expect(redis.raw()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await redis.restart()
    expect(redis.pid).not.toBe(pid)
    expect(await (await redis.raw()).text('GET', 'key')).toBe('value')
  })

  it('forgets everything without one', async () => {
    const redis = await server()
    await (await redis.raw()).command('SET', 'key', 'value')
    await redis.restart()
    expect(await (await redis.raw()).command('GET', 'key')).toBeNull()
  })

  it.skipIf(process.platform !== 'linux')('does nothing while it is paused', async () => {
    const redis = await server()
    const raw = await redis.raw()
    redis.pause()
    const isStopped = () => / T /.test(readFileSync(`/proc/${redis.pid}/stat`, 'utf8'))
    while (!isStopped()) await turn()
    const pong = raw.text('PING')
    redis.resume()
    expect(await pong).toBe('PONG')
  })

  it('knows its users', async () => {
    const redis = await server({ password: 'secret', acl: ['reader on >word ~* -@all +get'] })
    expect(redis.url).toBe(`redis://:secret@127.0.0.1:${redis.port}`)
    expect(await (await redis.raw()).text('SET', 'key', 'value')).toBe('OK')
    const reader = await redis.raw({ username: 'reader', password: 'word' })
    expect(await reader.text('GET', 'key')).toBe('value')
    await expect(reader.command('SET', 'key', 'other')).rejects.toMatchObject({ code: 'NOPERM' })
    await expect(redis.raw({ username: 'reader', password: 'no' })).rejects.toMatchObject({
      code: 'WRONGPASS',
    })
  })

  const noTls = reason ?? withoutTls()
  it.skipIf(noTls)(`speaks TLS${skipped(noTls)}`, async () => {
    const tls = createTlsFiles()
    onTestFinished(() => tls.remove())
    const redis = await server({ tls })
    expect(redis.url).toBe(`rediss://127.0.0.1:${redis.port}`)
    expect(await (await redis.raw()).text('PING')).toBe('PONG')
  })
})
