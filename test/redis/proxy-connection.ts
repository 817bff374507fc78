import type { Socket } from 'node:net'
import { frameReader, type Frame } from './resp.ts'

/** What a proxy does now, with all of its connections. */
export interface ProxyRules {
  replies: 'pass' | 'hold' | 'drop'
  /** The request whose reply, and all later ones of its connection, are held. */
  holdWhen: ((request: Buffer) => boolean) | undefined
  /** The request that ends its connection instead of reaching the server. */
  cutWhen: ((request: Buffer) => boolean) | undefined
  /** A request was handed to the server. */
  passed(request: Buffer): void
  /** A reply was held or thrown away. */
  lost(): void
}

/** A client, the server, and the replies between them. */
export interface ProxyConnection {
  /** Hands over the replies that are held, and holds no longer. */
  release(): void
  /** Throws away the replies that are held. */
  drop(): void
  destroy(): void
  readonly closed: Promise<unknown>
}

/** Joins a client to the server, whole requests and whole replies at a time. */
export function proxyConnection(
  client: Socket,
  upstream: Socket,
  rules: ProxyRules,
): ProxyConnection {
  let held: Buffer[] = []
  let requests = 0
  let replies = 0
  let holdFrom = Infinity
  const destroy = () => {
    client.destroy()
    upstream.destroy()
  }
  for (const socket of [client, upstream]) {
    // Either side that goes away takes the other along; why is the business of the ends.
    socket.on('error', destroy)
    socket.on('close', destroy)
  }
  client.on('end', () => upstream.end())
  upstream.on('end', () => client.end())

  const takeRequests = framesOrBytes()
  client.on('data', (chunk: Buffer) => {
    for (const { bytes } of takeRequests(chunk)) {
      if (client.destroyed) return
      if (rules.cutWhen?.(bytes)) {
        rules.cutWhen = undefined
        return destroy()
      }
      if (rules.holdWhen?.(bytes)) holdFrom = Math.min(holdFrom, requests)
      requests += 1
      upstream.write(bytes, (error) => {
        if (!error) rules.passed(bytes)
      })
    }
  })

  const takeReplies = framesOrBytes()
  upstream.on('data', (chunk: Buffer) => {
    for (const { bytes, push } of takeReplies(chunk)) {
      const answers = push ? replies : replies++
      if (rules.replies === 'drop') rules.lost()
      else if (rules.replies === 'hold' || answers >= holdFrom) {
        held.push(bytes)
        rules.lost()
      } else client.write(bytes)
    }
  })

  return {
    release: () => {
      holdFrom = Infinity
      for (const bytes of held.splice(0)) client.write(bytes)
    },
    drop: () => {
      held = []
    },
    destroy,
    closed: Promise.all([client, upstream].map(isClosed)),
  }
}

const isClosed = (socket: Socket) => new Promise((resolve) => void socket.once('close', resolve))

/** Frames of the Redis protocol; the bytes as they come when they are of another one, as TLS. */
function framesOrBytes(): (chunk: Buffer) => readonly Pick<Frame, 'bytes' | 'push'>[] {
  let read: ReturnType<typeof frameReader> | undefined = frameReader()
  return (chunk) => {
    try {
      if (read !== undefined) return read(chunk)
    } catch {
      read = undefined
    }
    return [{ bytes: chunk, push: false }]
  }
}
