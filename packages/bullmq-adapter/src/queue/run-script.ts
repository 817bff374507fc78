import type { BullmqQueue } from './bullmq-queue.ts'

/** A Lua script; its name is a command of the client, so it begins with ours. */
export interface Script {
  readonly name: `workerRecycler${string}`
  readonly numberOfKeys: number
  readonly lua: string
}

/** What the clients of all versions of BullMQ have in common. */
interface Client {
  defineCommand(name: string, definition: { numberOfKeys: number; lua: string }): void
  /** From 5.81 on. Before, a client was ioredis itself. */
  readonly runCommand?: (name: string, args: readonly string[]) => Promise<unknown>
  readonly hget: (key: string, field: string) => Promise<string | null>
}

/** BullMQ 5 has the client at hand; with 6 it belongs to the backend, which may be no Redis at all. */
interface Holder {
  readonly client?: Promise<Client>
  readonly backend?: { readonly client?: Promise<Client> }
}

const defined = new WeakMap<object, Set<string>>()

/** Whether the queue's jobs are kept in Redis. */
export function isOnRedis(queue: BullmqQueue): boolean {
  const holder = holderOf(queue)
  return 'client' in holder || (typeof holder.backend === 'object' && 'client' in holder.backend)
}

/** Whether a paused queue keeps its jobs in a list of its own, as BullMQ 5 has it. */
export function hasPausedList(queue: BullmqQueue): boolean {
  return !('backend' in queue)
}

/** Runs a script over the connection that the queue has already. */
export async function runScript(
  queue: BullmqQueue,
  { name, numberOfKeys, lua }: Script,
  args: readonly string[],
): Promise<unknown> {
  const client = await clientOf(queue)
  const names = defined.get(client) ?? new Set()
  defined.set(client, names)
  if (!names.has(name)) client.defineCommand(name, { numberOfKeys, lua })
  names.add(name)
  if (client.runCommand) return client.runCommand(name, args)
  const command: unknown = Reflect.get(client, name)
  return typeof command === 'function' ? Reflect.apply(command, client, [args]) : undefined
}

/** One field of a hash. */
export async function readField(
  queue: BullmqQueue,
  key: string,
  field: string,
): Promise<string | null> {
  return (await clientOf(queue)).hget(key, field)
}

function holderOf(queue: object): Holder {
  return queue
}

async function clientOf(queue: BullmqQueue): Promise<Client> {
  const holder = holderOf(queue)
  const client = await (holder.client ?? holder.backend?.client)
  if (client) return client
  throw new TypeError(`Expected the queue \`${queue.name}\` to be on Redis, got another backend`)
}
