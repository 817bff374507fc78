import { CONDEMN } from '../scripts/death.ts'
import { IS_FENCED, LEAVE, REGISTER, REGISTERED } from '../scripts/registration.ts'
import type { BullmqQueue } from './bullmq-queue.ts'
import { runScript } from './run-script.ts'

/** After how long a worker that was not renewed is forgotten, in seconds. */
const FORGOTTEN_S = 7 * 24 * 60 * 60

/** A job that a dead worker held, newest first. */
export interface CondemnedJob {
  readonly queue: BullmqQueue
  readonly id: string
  readonly token: string
  readonly name: string
  readonly failures: number
  /** Its history as it is stored; empty when it has none. */
  readonly history: string
}

const workersKey = (queue: BullmqQueue): string => queue.toKey('worker-recycler:workers')
const fencedKey = (queue: BullmqQueue): string => queue.toKey('worker-recycler:fenced')

/** Says which ids stand for this worker in the locks of its jobs; false when it was declared dead. */
export async function register(
  queue: BullmqQueue,
  identity: string,
  workerIds: readonly string[],
): Promise<boolean> {
  const keys = [workersKey(queue), fencedKey(queue)]
  const rest = [identity, workerIds.join(' '), String(FORGOTTEN_S)]
  return (await runScript(queue, REGISTER, [...keys, ...rest])) === 1
}

/** Forgets a worker that holds nothing any more. */
export async function unregister(queue: BullmqQueue, identity: string): Promise<void> {
  await runScript(queue, LEAVE, [workersKey(queue), identity])
}

/** Whether the worker was declared dead. */
export async function isFenced(queue: BullmqQueue, identity: string): Promise<boolean> {
  return (await runScript(queue, IS_FENCED, [fencedKey(queue), identity])) === 1
}

/** All identities that are registered at this queue. */
export async function registered(queue: BullmqQueue): Promise<readonly string[]> {
  return texts(await runScript(queue, REGISTERED, [workersKey(queue)]))
}

/** Declares a worker dead, and gives what it holds. */
export async function condemn(
  queue: BullmqQueue,
  identity: string,
): Promise<readonly CondemnedJob[]> {
  const keys = [workersKey(queue), fencedKey(queue), queue.toKey('active')]
  const reply = await runScript(queue, CONDEMN, [...keys, identity, queue.toKey('')])
  return (Array.isArray(reply) ? reply : []).map((each) => {
    const [id = '', token = '', name = '', failures = '0', history = ''] = texts(each)
    return { queue, id, token, name, failures: Number(failures), history }
  })
}

function texts(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map(String) : []
}
