import type { Logger } from '@worker-recycler/core'
import type { Cluster, Redis } from 'ioredis'
import type { ConnectionOptions } from './connection.ts'
import { type Command, type Driver, type Reply, replyOf } from './driver.ts'
import { createClient } from './ioredis-client.ts'
import { errorWord, storageError, unreachable } from './storage-error.ts'
import { withoutCommand } from './without-command.ts'

const REFUSED = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM'])

/** Opens a connection through ioredis. `role` shows in CLIENT LIST. */
export function openDriver(options: ConnectionOptions, role: string, logger: Logger): Driver {
  const client = createClient(options, role)
  const isCluster = 'nodes' in client
  let closed = false
  let lastError: unknown
  let told = false

  client.on('error', (error: unknown) => {
    lastError = withoutCommand(error)
    if (told || closed) return
    told = true
    logger.warn({ role, error }, 'the server cannot be reached; trying again')
  })
  client.on('ready', () => {
    if (told) logger.info({ role }, 'the server can be reached again')
    told = false
    lastError = undefined
  })

  const send = sender(client, () => lastError)
  return {
    isCluster,
    send,
    run: async (script, keys, args) => {
      const rest = [keys.length, ...keys, ...args]
      const [reply = null] = await send([['EVALSHA', script.sha1, ...rest]])
      if (errorWord(reply) !== 'NOSCRIPT') return replyOf([reply])
      return replyOf(await send([['EVAL', script.lua, ...rest]]))
    },
    ready: (signal) =>
      new Promise((resolve, reject) => {
        if (client.status === 'ready') return resolve()
        const settle = (end: () => void) => {
          client.off('ready', onReady)
          client.off('error', onError)
          client.off('end', onEnd)
          signal.removeEventListener('abort', onAbort)
          end()
        }
        const onReady = () => settle(resolve)
        const onAbort = () => settle(() => reject(signal.reason))
        const onEnd = () =>
          settle(() => reject(unreachable('The connection was closed', lastError)))
        const onError = (error: unknown) => {
          if (REFUSED.has(errorWord(error)))
            settle(() => reject(storageError(error, 'Cannot connect')))
        }
        client.on('ready', onReady)
        client.on('error', onError)
        client.on('end', onEnd)
        signal.addEventListener('abort', onAbort, { once: true })
        if (signal.aborted) onAbort()
        else if (client.status === 'wait') client.connect().catch(() => {})
      }),
    onReady: (listener) => {
      client.on('ready', listener)
      // A node that was lost comes back as a new one, while the cluster as a whole was there all the time.
      if (isCluster) client.on('+node', (node: Redis) => void node.on('ready', listener))
    },
    reset: () => {
      if (!closed) client.disconnect(true)
    },
    nodes: () =>
      'nodes' in client
        ? client.nodes('master').map((node) => ({ send: sender(node, () => lastError) }))
        : [{ send }],
    close: () => {
      closed = true
      client.disconnect()
    },
  }
}

function sender(client: Redis | Cluster, why: () => unknown): Driver['send'] {
  return async (commands: readonly Command[]) => {
    if (commands.length === 0) return []
    const pipeline = client.pipeline()
    for (const command of commands) pipeline.callBuffer(...command)
    let results
    try {
      results = (await pipeline.exec()) ?? []
    } catch (error) {
      throw unreachable('The server cannot be reached', why() ?? error)
    }
    return results.map(([error, reply]): Reply => {
      if (!error) return reply as Reply
      withoutCommand(error)
      // What the server itself says has this name; anything else means that it did not answer.
      if (error.name === 'ReplyError') return error
      throw unreachable('The connection broke before the server answered', why() ?? error)
    })
  }
}
