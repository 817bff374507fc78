import type { Writable } from 'node:stream'
import { isCancel, select, text } from '@clack/prompts'
import { DEFAULTS, type Host, type Queue } from '../choices.ts'
import type { Given } from './arguments.ts'
import { placeOf } from './place.ts'

/** Somebody does not want to go on. */
export const CANCELLED: unique symbol = Symbol('cancelled')

/** What is known when all was asked. */
export interface Answers {
  readonly directory: string
  readonly queue: Queue
  readonly host: Host
}

/** Asks for what was not given, in this order. */
export async function ask(
  given: Given,
  io: { readonly output: Writable; readonly signal: AbortSignal },
): Promise<Answers | typeof CANCELLED> {
  const directory = given.directory ?? (await askDirectory(given.name, io))
  if (isCancel(directory)) return CANCELLED
  const queue = given.queue ?? (await askQueue(io))
  if (isCancel(queue)) return CANCELLED
  const host = given.host ?? (await askHost(io))
  if (isCancel(host)) return CANCELLED
  return { directory, queue, host }
}

type Io = Parameters<typeof ask>[1]

function askDirectory(name: string | undefined, io: Io) {
  const initial = name?.replace(/^@[^/]*\//, '') ?? DEFAULTS.directory
  return text({
    ...io,
    message: 'Where shall it be written?',
    placeholder: initial,
    defaultValue: initial,
    validate: (value) => {
      try {
        placeOf(value || initial, name)
        return undefined
      } catch (error) {
        return error as Error
      }
    },
  })
}

function askQueue(io: Io) {
  return select<Queue>({
    ...io,
    message: 'What does the application have for its jobs?',
    options: [
      { value: 'bullmq', label: 'BullMQ', hint: 'queues of BullMQ stay what they are' },
      { value: 'redis', label: 'Redis or Valkey', hint: 'jobs are in Redis' },
      { value: 'files', label: 'Neither', hint: 'jobs are files; needs no server' },
    ],
  })
}

function askHost(io: Io) {
  return select<Host>({
    ...io,
    message: 'Where will its workers run?',
    options: [
      { value: 'systemd', label: 'Under systemd', hint: 'a unit, an instance for each worker' },
      { value: 'container', label: 'In a container', hint: 'Docker, Kubernetes' },
      { value: 'none', label: 'Neither', hint: 'a supervisor that you start' },
    ],
  })
}
