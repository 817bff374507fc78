import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from './free-port.ts'
import { proxyConnection, type ProxyConnection, type ProxyRules } from './proxy-connection.ts'

/** Whether a request, the whole of one command as it was sent, is the one looked for. */
type RequestPredicate = (bytes: Buffer) => boolean

/** Stands between clients and a server, and loses what a network can lose. */
export interface TcpProxy {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Destroys all connections now, with the replies that are held. New ones work: no order is left. */
  cut(): void
  /** Keeps back all replies from now on, until `releaseReplies` or `cut`; requests still pass. */
  holdReplies(): void
  /**
   * Keeps back, on the connection of a request that matches, its reply and all later ones; what was
   * asked before is still answered. Until `releaseReplies` or `cut`.
   */
  holdRepliesWhen(predicate: RequestPredicate): void
  /** Throws away the replies that are held, and all from now on, until `releaseReplies` or `cut`. */
  dropReplies(): void
  /** Hands over what is held, and ends every order. */
  releaseReplies(): void
  /** Destroys the connection of the next request that matches, instead of passing that request on. */
  cutWhen(predicate: RequestPredicate): void
  /** Refuses new connections, as when nobody listens; those that there are stay. */
  refuse(): void
  /** Takes new connections again. */
  accept(): Promise<void>
  /** Resolves when a request that matches, after this call, has been written to the server. */
  onRequest(predicate: RequestPredicate): Promise<void>
  /**
   * Resolves when a reply has been held or thrown away since the last order, or will be: the server has
   * then done what was asked.
   */
  onReplyLost(): Promise<void>
  /** Connections at this time. */
  readonly connections: number
  stop(): Promise<void>
}

const PASS_ALL = { replies: 'pass', holdWhen: undefined, cutWhen: undefined } as const

/** Starts a proxy on a free port, for a server on a port of this machine. */
export async function startProxy(target: { readonly port: number }): Promise<TcpProxy> {
  const port = await freePort()
  const open = new Set<ProxyConnection>()
  const watched = new Set<{ readonly matches: RequestPredicate; resolve(): void }>()
  const awaitLoss = new Set<() => void>()
  let lost = false
  const rules: ProxyRules = {
    ...PASS_ALL,
    passed: (bytes) => {
      for (const each of watched) {
        if (!each.matches(bytes)) continue
        watched.delete(each)
        each.resolve()
      }
    },
    lost: () => {
      lost = true
      for (const resolve of awaitLoss) resolve()
      awaitLoss.clear()
    },
  }
  const order = (change: Partial<ProxyRules>) => {
    lost = false
    Object.assign(rules, change)
  }
  const serve = (client: Socket) => {
    const upstream = connect({ port: target.port, host: '127.0.0.1' })
    const connection = proxyConnection(client, upstream, rules)
    open.add(connection)
    client.once('close', () => open.delete(connection))
  }
  const listen = async (): Promise<Server> => {
    const server = createServer({ noDelay: true }, serve)
    server.listen({ port, host: '127.0.0.1' })
    await once(server, 'listening')
    return server
  }
  let server: Server | undefined = await listen()
  const cut = () => {
    order(PASS_ALL)
    for (const connection of open) connection.destroy()
  }
  const refuse = () => {
    server?.close()
    server = undefined
  }

  return {
    host: '127.0.0.1',
    port,
    cut,
    holdReplies: () => order({ replies: 'hold' }),
    holdRepliesWhen: (predicate) => order({ holdWhen: predicate }),
    dropReplies: () => {
      order({ replies: 'drop' })
      for (const connection of open) connection.drop()
    },
    releaseReplies: () => {
      order(PASS_ALL)
      for (const connection of open) connection.release()
    },
    cutWhen: (predicate) => order({ cutWhen: predicate }),
    refuse,
    accept: async () => {
      server ??= await listen()
    },
    onRequest: (matches) => new Promise((resolve) => void watched.add({ matches, resolve })),
    onReplyLost: () =>
      new Promise((resolve) => {
        if (lost) resolve()
        else awaitLoss.add(resolve)
      }),
    get connections() {
      return open.size
    },
    stop: async () => {
      const ends = [...open].map((connection) => connection.closed)
      refuse()
      cut()
      await Promise.all(ends)
    },
  }
}
