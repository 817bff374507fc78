import { type Driver, numberOf, type Reply, textOf } from './driver.ts'

/** What a server says about itself; what the ACL user may not ask is left out. */
export interface ServerFacts {
  /** Whose commands it has: the version of Redis that it is, or is compatible with. */
  readonly version?: string
  /** What it is: `redis`, `valkey`, ... */
  readonly software: string
  /** Its own version where that is another: of Valkey. */
  readonly softwareVersion?: string
  /** Another one after each start. */
  readonly runId?: string
  readonly isCluster: boolean
  readonly role?: 'primary' | 'replica'
  /** 0: no limit. */
  readonly maxmemoryBytes?: number
  /** What it removes at its limit: `noeviction`, `allkeys-lru`, ... */
  readonly evictionPolicy?: string
  /** Its clock. */
  readonly epochMs?: number
  /** It moves several jobs by one command (Redis 8.10). False also where it may not be asked. */
  readonly hasLmovem: boolean
}

/** Asks a server, in a Cluster one node, what it is; one round trip. */
export async function readServerFacts(server: Pick<Driver, 'send'>): Promise<ServerFacts> {
  const [info, hello, time, command] = await server.send([
    ['INFO'],
    // Says less, but nobody can be forbidden to ask.
    ['HELLO'],
    ['TIME'],
    ['COMMAND', 'INFO', 'LMOVEM'],
  ])
  const told = new Map([...fieldsOf(hello), ...linesOf(info)])
  const ownVersion = told.get('valkey_version')
  const optional = {
    version: told.get('redis_version') ?? told.get('version'),
    softwareVersion: ownVersion,
    runId: told.get('run_id'),
    role: roleOf(told.get('role')),
    maxmemoryBytes: wholeNumber(told.get('maxmemory')),
    evictionPolicy: told.get('maxmemory_policy'),
    epochMs: epochMsOf(time),
  }
  return {
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<ServerFacts>),
    software:
      ownVersion === undefined
        ? (told.get('server_name') ?? told.get('server') ?? 'redis')
        : 'valkey',
    isCluster: told.get('cluster_enabled') === '1' || told.get('mode') === 'cluster',
    hasLmovem: Array.isArray(command) && Array.isArray(command[0]),
  }
}

/** `INFO`: lines of `name:value`. */
function linesOf(reply: Reply | undefined): (readonly [string, string])[] {
  return (textOf(reply) ?? '').split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : []
  })
}

/** `HELLO`: names and values in turn. */
function fieldsOf(reply: Reply | undefined): (readonly [string, string])[] {
  if (!Array.isArray(reply)) return []
  return (reply as readonly Reply[]).flatMap((value, index) => {
    const [name, text] = [textOf(reply[index - 1] as Reply), textOf(value)]
    return index % 2 === 1 && name && text ? [[name, text] as const] : []
  })
}

function epochMsOf(reply: Reply | undefined): number | undefined {
  if (!Array.isArray(reply)) return undefined
  const [seconds, microseconds] = (reply as readonly Reply[]).map(numberOf)
  return (seconds ?? 0) * 1000 + Math.floor((microseconds ?? 0) / 1000)
}

function roleOf(role: string | undefined): ServerFacts['role'] {
  if (role === undefined) return undefined
  return role === 'master' || role === 'primary' ? 'primary' : 'replica'
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
