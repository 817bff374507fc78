import type { Logger } from '@worker-recycler/core'
import type { ConnectionOptions } from './connection.ts'
import { createClient } from './ioredis-client.ts'
import { withoutCommand } from './without-command.ts'

/** A connection that only listens. */
export interface Subscriber {
  /** The server's number for the connection, once it listens. */
  id(): Promise<number>
  onMessage(listener: () => void): void
  /** Calls back whenever the connection has been made anew. */
  onReady(listener: () => void): void
  close(): void
}

/** The channel on which the server tells of changed keys to connections that do not speak RESP3. */
const INVALIDATIONS = '__redis__:invalidate'

/** Listens for changes of keys that another connection tracks. One server only, no Cluster. */
export function openSubscriber(options: ConnectionOptions, logger: Logger): Subscriber {
  const client = createClient(options, 'invalidations')
  let id: Promise<number> | undefined
  const begin = async (): Promise<number> => {
    const number = await client.client('ID')
    await client.subscribe(INVALIDATIONS)
    return number
  }
  client.on('error', (error: unknown) =>
    logger.debug({ error: withoutCommand(error) }, 'the listening connection broke'),
  )
  client.on('close', () => {
    id = undefined
  })
  return {
    id: async () => {
      if (client.status === 'wait') await client.connect()
      id ??= begin()
      return id
    },
    onMessage: (listener) => void client.on('message', listener),
    onReady: (listener) => void client.on('ready', listener),
    close: () => client.disconnect(),
  }
}
