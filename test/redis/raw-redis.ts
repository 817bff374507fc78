import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodeCommand, frameReader, RedisError, type RawArgument, type RawReply } from './resp.ts'

/** Where a server is, and as whom to talk to it. */
export interface RawAddress {
  readonly port: number
  /** Defaults to 127.0.0.1. */
  readonly host?: string
  readonly username?: string
  readonly password?: string
  /** The certificate to trust, in PEM; the connection is encrypted when there is one. */
  readonly ca?: Buffer | string
}

/** One connection to a server, that takes and gives bytes as they are: the tests' own witness. */
export interface RawRedis {
  /** Sends a command; rejects with a `RedisError` when the server replies one, or when it goes away. */
  command(...args: readonly RawArgument[]): Promise<RawReply>
  /** Sends commands in one write; an error that the server replies is a value in its place. */
  pipeline(commands: readonly (readonly RawArgument[])[]): Promise<RawReply[]>
  /** Sends a command, and gives its reply as `asText` does. */
  text(...args: readonly RawArgument[]): Promise<TextReply>
  /**
   * Calls back with what arrives while no command waits for its reply: after `SUBSCRIBE` to one channel,
   * or `MONITOR`. Returns what ends it.
   */
  onMessage(listener: (message: RawReply) => void): () => void
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
  /** Ends the connection at once, and resolves when it is gone. */
  close(): Promise<void>
}

/** A reply in which bytes are text. */
export type TextReply = string | number | null | RedisError | TextReply[]

/** A reply with its bytes as UTF-8 text, at any depth. */
export function asText(reply: RawReply): TextReply {
  if (Buffer.isBuffer(reply)) return reply.toString()
  return Array.isArray(reply) ? reply.map(asText) : reply
}

interface Waiting {
  resolve(reply: RawReply): void
  reject(error: Error): void
}

/** Connects, and authenticates when there is a password. */
export async function connectRaw(address: RawAddress): Promise<RawRedis> {
  const { port, host = '127.0.0.1', username = 'default', password, ca } = address
  const socket = ca ? connectTls({ port, host, ca }) : connectTcp({ port, host })
  await once(socket, ca ? 'secureConnect' : 'connect')
  socket.setNoDelay(true)
  const waiting: Waiting[] = []
  const listeners = new Set<(message: RawReply) => void>()
  let gone: Error | undefined

  const end = (reason: string) => {
    gone ??= new Error(`the connection to port ${port} ${reason}`)
    for (const each of waiting.splice(0)) each.reject(gone)
  }
  const read = frameReader()
  socket.on('data', (chunk: Buffer) => {
    for (const { value } of read(chunk)) {
      const next = waiting.shift()
      if (next !== undefined) next.resolve(value)
      else for (const listener of listeners) listener(value)
    }
  })
  socket.on('error', (error) => end(`failed: ${error.message}`))
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      end('was closed')
      resolve()
    })
  })

  const pipeline = (commands: readonly (readonly RawArgument[])[]): Promise<RawReply[]> => {
    if (gone !== undefined) return Promise.reject(gone)
    const replies = commands.map(
      () => new Promise<RawReply>((resolve, reject) => void waiting.push({ resolve, reject })),
    )
    socket.write(Buffer.concat(commands.map(encodeCommand)))
    return Promise.all(replies)
  }
  const command = async (...args: readonly RawArgument[]): Promise<RawReply> => {
    const [reply = null] = await pipeline([args])
    if (reply instanceof RedisError) throw reply
    return reply
  }

  if (password !== undefined) await command('AUTH', username, password)
  return {
    command,
    pipeline,
    text: async (...args) => asText(await command(...args)),
    onMessage: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    closed,
    close: () => {
      socket.destroy()
      return closed
    },
  }
}
