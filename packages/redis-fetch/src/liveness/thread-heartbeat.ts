import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '@worker-recycler/core'
import type { ClusterOptions } from 'ioredis'
import type { ConnectionOptions } from '../driver/connection.ts'
import type { BeatKeys } from './beat.ts'
import type { Heartbeat, HeartbeatListener } from './heartbeat.ts'
import type { ThreadData, ThreadMessage } from './thread-data.ts'

/** How a thread is started. */
export interface ThreadHeartbeatOptions {
  readonly connection: ConnectionOptions
  readonly keys: BeatKeys
  readonly everyMs: number
  readonly clock: Clock
  readonly listener: HeartbeatListener
  /** The thread could not be started, or ended: somebody else must renew the lease. */
  readonly ended: (error: unknown) => void
}

/** How often the main thread shows that its event loop runs: a beat that has seen none tells a stall. */
const PULSES_PER_BEAT = 4
/** Its heap needs no more; Node's default would reserve more for a thread than for many workers' jobs. */
const HEAP_MB = 32

/**
 * Renews the lease from a thread of its own, with a connection of its own, so that a job which blocks
 * the event loop does not make its worker look dead. For how long it has been blocked is told.
 */
export function startThreadHeartbeat(options: ThreadHeartbeatOptions): Heartbeat {
  const { connection, keys, everyMs, clock, listener, ended } = options
  const pulse = new SharedArrayBuffer(4)
  const counter = new Int32Array(pulse)
  const data: ThreadData = { connection: cloneable(connection), keys, everyMs, pulse }
  const thread = startThread(data)
  let isStopped = false
  let cancel = () => {}

  const count = (): void => {
    Atomics.add(counter, 0, 1)
    cancel = clock.setTimer(everyMs / PULSES_PER_BEAT, count)
  }
  count()
  thread.on('message', (message: ThreadMessage) => {
    if (isStopped) return
    if (message.type === 'answered') listener.answered(message.answer)
    else listener.failed(new Error(message.message))
  })
  const exited = new Promise<void>((resolve) => {
    let reason: unknown
    thread.on('error', (error) => {
      reason = error
    })
    thread.on('exit', (code) => {
      cancel()
      resolve()
      if (!isStopped) ended(reason ?? new Error(`The thread ended with code ${code}`))
    })
  })

  return {
    stop: async () => {
      if (!isStopped) {
        isStopped = true
        cancel()
        thread.postMessage('stop')
      }
      await exited
    },
  }
}

/** What cannot be sent to a thread: a client, and options that are functions. */
function cloneable(options: ConnectionOptions): ConnectionOptions {
  const { url, redis, cluster, client } = options
  if (!client) {
    return {
      ...(url && { url }),
      ...(redis && { redis: plain(redis) }),
      ...(cluster && {
        cluster: { nodes: cluster.nodes, options: plainCluster(cluster.options ?? {}) },
      }),
    }
  }
  if (!('nodes' in client)) return { redis: plain(client.options) }
  const nodes = client.nodes().map(({ options: { host, port } }) => ({
    ...(host && { host }),
    ...(port && { port }),
  }))
  return { cluster: { nodes, options: plainCluster(client.options) } }
}

function plainCluster({ redisOptions = {}, ...rest }: ClusterOptions): ClusterOptions {
  return { ...plain(rest), redisOptions: plain(redisOptions) }
}

/** Without functions that we replace anyway; one that is needed makes the copy fail. */
function plain<T extends object>(options: T): T {
  const {
    retryStrategy: _1,
    sentinelRetryStrategy: _2,
    clusterRetryStrategy: _3,
    ...rest
  } = options as Record<string, unknown>
  const { reconnectOnError: _4, dnsLookup: _5, dnsResolveSrv: _6, Connector: _7, ...data } = rest
  return structuredClone(data) as T
}

/** Starts the program that lies beside this file, or beside the bundle that this file is in. */
function startThread(workerData: ThreadData): Worker {
  const extension = extname(new URL(import.meta.url).pathname)
  const program = new URL(`./beat-thread${extension}`, import.meta.url)
  const options = { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } }
  if (extension !== '.ts') return new Worker(program, options)
  // From the sources: a thread does not inherit the loader by which this process reads TypeScript.
  return new Worker(
    `import('tsx/esm/api').then(({ register }) => (register(), import('${program.href}')))`,
    { ...options, eval: true, execArgv: ['--conditions=@worker-recycler/source'] },
  )
}
