import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { startOwned, type OwnedProcess } from './owned-process.ts'
import { connectRaw, type RawAddress, type RawRedis } from './raw-redis.ts'
import { redisBinary } from './redis-binary.ts'
import type { TlsFiles } from './tls-files.ts'

const HOST = '127.0.0.1'
const CONFIG = 'server.conf'

/** How a server is started. */
export interface RedisOptions {
  /** Defaults to a free one. */
  readonly port?: number
  /** More arguments of the server, after those of the kit. */
  readonly args?: readonly string[]
  /** Where it works. Defaults to a new directory that is removed with the server. */
  readonly dir?: string
  /** True to write each change to disk before its reply, so that it survives a kill. Defaults to false. */
  readonly aof?: boolean
  /** What the default user must authenticate with. */
  readonly password?: string
  /** Users besides the default one, each as `alice on >secret ~* &* +@all`. */
  readonly acl?: readonly string[]
  /** Files to serve TLS with, and nothing but TLS. */
  readonly tls?: TlsFiles
  /** Lines of a file of configuration that the server may rewrite; a restart takes it as it is then. */
  readonly config?: readonly string[]
}

/** A server that dies with this process. */
export interface RedisServer {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Where clients connect to, with the password. */
  readonly url: string
  /** Its process; another one after a restart. */
  readonly pid: number
  readonly dir: string
  /** What this start has logged. */
  readonly lines: readonly string[]
  /** Ends it with a signal, and resolves when it is gone. Defaults to SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on its port and in its directory, after a SIGKILL when it runs. */
  restart(): Promise<void>
  /** Freezes it: connections stay, and nobody answers. */
  pause(): void
  /** Ends the freeze. */
  resume(): void
  /** A new connection to it; as the default user unless another is named. */
  raw(as?: Pick<RawAddress, 'username' | 'password'>): Promise<RawRedis>
  /** Resolves with the first line, past or to come, that this start logs and that matches. */
  untilLine(pattern: RegExp): Promise<string>
  /** Kills it, closes the connections that it gave, and removes its directory. */
  stop(): Promise<void>
}

/** Starts a server of its own, with nothing on disk unless asked; resolves when it serves. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const binary = redisBinary()
  const port = options.port ?? (await freePort())
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'worker-recycler-redis-'))
  const { password, tls } = options
  const ca = tls === undefined ? {} : { ca: readFileSync(tls.ca) }
  const { config } = options
  if (config !== undefined) writeFileSync(join(dir, CONFIG), `${config.join('\n')}\n`)
  const connections = new Set<RawRedis>()
  const raw: RedisServer['raw'] = async (as) => {
    const own = password === undefined ? {} : { password }
    const connection = await connectRaw({ port, host: HOST, ...ca, ...(as ?? own) })
    connections.add(connection)
    void connection.closed.then(() => connections.delete(connection))
    return connection
  }
  const remove = () => {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
  }
  const launch = async (): Promise<OwnedProcess> => {
    const started = await startOwned(binary, serverArguments(port, dir, options), { cwd: dir })
    // The second one is what a sentinel says when it listens.
    await started.untilLine(/Ready to accept connections|Sentinel ID is/)
    return started
  }
  let server: OwnedProcess
  try {
    server = await launch()
  } catch (error) {
    remove()
    throw error
  }

  return {
    host: HOST,
    port,
    url: `${tls ? 'rediss' : 'redis'}://${password ? `:${password}@` : ''}${HOST}:${port}`,
    dir,
    get pid() {
      return server.pid
    },
    get lines() {
      return server.lines
    },
    kill: async (signal) => void (await server.kill(signal)),
    restart: async () => {
      await server.kill()
      server = await launch()
    },
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    raw,
    untilLine: (pattern) => server.untilLine(pattern),
    stop: async () => {
      await server.kill()
      await Promise.all([...connections].map((connection) => connection.close()))
      remove()
    },
  }
}

function serverArguments(port: number, dir: string, options: RedisOptions): string[] {
  const { password, acl = [], aof = false, tls, config, args = [] } = options
  const settings = [
    ['bind', HOST],
    ['dir', dir],
    ['daemonize', 'no'],
    ['save', ''],
    ['appendonly', aof ? 'yes' : 'no'],
    ['appendfsync', 'always'],
    ['port', tls === undefined ? `${port}` : '0'],
    ...(tls === undefined ? [] : tlsSettings(port, tls)),
    ...(password === undefined ? [] : [['requirepass', password]]),
    ...acl.map((user) => ['user', ...user.split(' ')]),
  ]
  const own = settings.flatMap(([name, ...values]) => [`--${name}`, ...values])
  return [...(config === undefined ? [] : [join(dir, CONFIG)]), ...own, ...args]
}

function tlsSettings(port: number, { ca, cert, key }: TlsFiles): string[][] {
  return [
    ['tls-port', `${port}`],
    ['tls-auth-clients', 'no'],
    ['tls-ca-cert-file', ca],
    ['tls-cert-file', cert],
    ['tls-key-file', key],
  ]
}
