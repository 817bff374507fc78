/** What goes to the server; numbers are sent as their decimal digits. */
export type Argument = string | Buffer | number

/** One command with its arguments. */
export type Command = readonly [name: string, ...args: readonly Argument[]]

/** What the server answers; text and data alike as bytes. An `Error` is the server's refusal of one command. */
export type Reply = null | number | Buffer | Error | readonly Reply[]

/** A Lua script, sent by its hash where the server knows it. */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly sha1: string
}

/**
 * All that this package asks of a Redis client: one connection (in a Cluster, one for each node), in
 * order, binary-safe. Nothing is queued while it is down and nothing is sent a second time, because
 * only the caller knows what may be repeated.
 */
export interface Driver {
  /** In a Cluster, keys of one call must share a slot. */
  readonly isCluster: boolean
  /**
   * Sends commands in one write; one reply for each, in order. Rejects with `STORAGE_UNREACHABLE`
   * when the connection is down (nothing was done) or breaks before all is answered (some or all may
   * have been done).
   */
  send(commands: readonly Command[]): Promise<readonly Reply[]>
  /** Runs a script; rejects with the server's error where it refuses. */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply>
  /** Resolves when the server answers; rejects when it refuses the credentials, or at the signal. */
  ready(signal: AbortSignal): Promise<void>
  /** Calls back whenever a connection has been made anew; in a Cluster, to any node. */
  onReady(listener: () => void): void
  /** Destroys the connection and makes a new one; what is under way rejects. */
  reset(): void
  /** The nodes that hold data: in a Cluster each primary, else the one server. */
  nodes(): readonly Pick<Driver, 'send'>[]
  /** Closes it for good; what is under way rejects. */
  close(): void
}

/** The server's error of a single command, thrown; everything else as it is. */
export function replyOf(replies: readonly Reply[]): Exclude<Reply, Error> {
  const [reply = null] = replies
  if (reply instanceof Error) throw reply
  return reply
}

/** A reply that is a list, or nothing. */
export function listOf(reply: Reply | undefined): readonly Reply[] {
  return isList(reply) ? reply : []
}

/** `Array.isArray` for lists that nobody may change. */
function isList(reply: Reply | undefined): reply is readonly Reply[] {
  return Array.isArray(reply)
}

/** A reply that is a list of byte strings. */
export function buffersOf(reply: Reply | undefined): readonly Buffer[] {
  return listOf(reply).filter((each): each is Buffer => Buffer.isBuffer(each))
}

/** A reply that is a text, or nothing. */
export function textOf(reply: Reply | undefined): string | undefined {
  return Buffer.isBuffer(reply) ? reply.toString() : undefined
}

/** A reply that is a number, however the server writes it. */
export function numberOf(reply: Reply | undefined): number {
  if (typeof reply === 'number') return reply
  return Buffer.isBuffer(reply) ? Number(reply.toString()) : Number.NaN
}

/** Fields and values of a hash, or members and scores of a sorted set, in their order. */
export function pairsOf(reply: Reply): readonly (readonly [string, Buffer])[] {
  const flat = buffersOf(reply)
  return flat.flatMap((value, index) =>
    index % 2 === 1 ? [[(flat[index - 1] ?? value).toString(), value] as const] : [],
  )
}
