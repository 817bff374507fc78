import { describe, expect, it, onTestFinished } from 'vitest'
import { keyPrefix } from './key-prefix.ts'
import { connectRaw } from './raw-redis.ts'
import { withoutRedis } from './redis-binary.ts'
import { sharedRedis } from './shared-redis.ts'
import { startProxy } from './tcp-proxy.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`a proxy${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const setUp = async () => {
    const proxy = await startProxy({ port: redis.server().port })
    onTestFinished(() => proxy.stop())
    const client = await connectRaw({ port: proxy.port })
    return { proxy, client, key: keyPrefix() }
  }
  const has = (word: string) => (bytes: Buffer) => bytes.includes(word)

  it('passes what it is not told to lose', async () => {
    const { proxy, client, key } = await setUp()
    const large = Buffer.alloc(2_000_000, 'x')
    expect(await client.text('SET', key, large)).toBe('OK')
    expect(large.equals((await client.command('GET', key)) as Buffer)).toBe(true)
    expect(proxy.connections).toBe(1)
  })

  it('lets a command reach the server and loses its reply', async () => {
    const { proxy, client, key } = await setUp()
    proxy.holdRepliesWhen(has('INCR'))
    const passed = proxy.onRequest(has('INCR'))
    const [get, increment] = [client.text('GET', key), client.command('INCR', key)]
    const lost = increment.catch((error: unknown) => error)
    expect(await get).toBeNull()
    await passed
    await proxy.onReplyLost()
    expect(await redis.raw().text('GET', key)).toBe('1')
    proxy.cut()
    expect(await lost).toMatchObject({ message: expect.stringContaining('closed') })
    const again = await connectRaw({ port: proxy.port })
    expect(await again.command('INCR', key)).toBe(2)
  })

  it('holds replies and hands them over in their order', async () => {
    const { proxy, client, key } = await setUp()
    proxy.holdReplies()
    const replies: unknown[] = []
    const both = [1, 2].map(async () => replies.push(await client.command('INCR', key)))
    await proxy.onReplyLost()
    expect(replies).toEqual([])
    proxy.releaseReplies()
    await Promise.all(both)
    expect(replies).toEqual([1, 2])
  })

  it('drops replies for good', async () => {
    const { proxy, client, key } = await setUp()
    proxy.dropReplies()
    const lost = client.command('INCR', key).catch((error: unknown) => error)
    await proxy.onReplyLost()
    proxy.cut()
    expect(await lost).toMatchObject({ message: expect.stringContaining('closed') })
    expect(await redis.raw().text('GET', key)).toBe('1')
  })

  it('cuts before a command reaches the server', async () => {
    const { proxy, client, key } = await setUp()
    proxy.cutWhen(has('INCR'))
    await expect(client.command('INCR', key)).rejects.toThrow('closed')
    const again = await connectRaw({ port: proxy.port })
    expect(await again.command('INCR', key)).toBe(1)
  })

  it('refuses new connections and keeps the old', async () => {
    const { proxy, client } = await setUp()
    proxy.refuse()
    await expect(connectRaw({ port: proxy.port })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await client.text('PING')).toBe('PONG')
    await proxy.accept()
    expect(await (await connectRaw({ port: proxy.port })).text('PING')).toBe('PONG')
  })

  it('speaks version 3 of the protocol', async () => {
    const { proxy, client } = await setUp()
    await client.command('HELLO', 3)
    await client.command('CLIENT', 'TRACKING', 'ON', 'BCAST')
    proxy.holdRepliesWhen(has('PING'))
    const pong = client.text('PING')
    await proxy.onReplyLost()
    proxy.releaseReplies()
    expect(await pong).toBe('PONG')
  })
})
