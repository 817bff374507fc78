import {
  CONTRACT,
  type Coordinator,
  type Logger,
  type Permit,
  RecyclerError,
  silentLogger,
} from '@worker-recycler/core'
import { checkConnection, type ConnectionOptions } from './driver/connection.ts'
import { type Argument, type Driver, numberOf, type Reply, type Script } from './driver/driver.ts'
import { openDriver } from './driver/ioredis-driver.ts'
import { storageError } from './driver/storage-error.ts'
import { layoutOf } from './layout/layouts.ts'
import { ACQUIRE, RELEASE } from './scripts/permit.ts'

/** Where permits are kept, and how fast they are granted. */
export interface RedisCoordinatorOptions extends ConnectionOptions {
  /** Permits of one cohort share it. Defaults to `wr`, or to nothing in the `sidekiq` layout. */
  readonly prefix?: string
  /** Names of keys as the job source has them. Defaults to `native`. */
  readonly layout?: 'native' | 'sidekiq'
  /**
   * Least time in ms between two grants of one cohort, so that its workers recycle one after the other
   * although there are places. A permit that is given back unused does not count. Defaults to 0.
   */
  readonly spacingMs?: number
  /** Told when the server cannot be reached. Defaults to silence. */
  readonly logger?: Logger
}

/**
 * Permits on Redis, by the server's clock: a cohort is a sorted set that expires with its last permit.
 * Connects at the first request. While the server is down a request waits for it until its signal
 * aborts, and then rejects: whether to recycle without a permit is for core to say.
 */
export function redisCoordinator(options: RedisCoordinatorOptions = {}): Coordinator {
  const { fleet } = layoutOf(options.layout ?? 'native', options.prefix)
  const spacingMs = checkSpacing(options.spacingMs)
  const connection = checkConnection(options)
  const { logger = silentLogger } = options
  const stopped = new AbortController()
  let link: Link | undefined

  const run = async (
    { script, what, signal }: { script: Script; what: string; signal: AbortSignal },
    cohort: string,
    args: readonly Argument[],
  ): Promise<Reply> => {
    stopped.signal.throwIfAborted()
    signal.throwIfAborted()
    link ??= { driver: openDriver(connection, 'coordinator', logger), connecting: undefined }
    const opened = link
    const { driver } = opened
    opened.connecting ??= driver.ready(stopped.signal).finally(() => {
      opened.connecting = undefined
    })
    try {
      await unlessAborted(opened.connecting, signal)
      const reply = driver.run(script, [fleet.cohort(cohort)], args)
      return await unlessAborted(reply, signal, () => {
        // Later commands would wait behind the one that is not answered.
        driver.close()
        if (link === opened) link = undefined
      })
    } catch (error) {
      throw storageError(error, what)
    }
  }

  return {
    kind: 'coordinator',
    name: 'redis-coordinator',
    contract: CONTRACT,
    supports: { ttl: true },
    acquire: async ({ cohort, holder, max, ttlMs }, { signal }): Promise<Permit | null> => {
      if (holder === '') throw new TypeError('Expected `holder` not to be empty')
      const ask = { script: ACQUIRE, what: `No permit for ${cohort}`, signal }
      const grant = await run(ask, cohort, [holder, max, Math.ceil(ttlMs), spacingMs])
      if (!Array.isArray(grant)) return null
      let isReleased = false
      return {
        cohort,
        holder,
        release: async (call) => {
          if (isReleased) return
          const giveBack = { script: RELEASE, what: `No release in ${cohort}`, ...call }
          await run(giveBack, cohort, [holder, ...grant.map(numberOf)])
          isReleased = true
        },
      }
    },
    stop: async () => {
      if (stopped.signal.aborted) return
      stopped.abort(new RecyclerError('ILLEGAL_PHASE', '[redis-coordinator] It was stopped'))
      link?.driver.close()
    },
  }
}

/** A connection, and the wait for it that concurrent calls share. */
interface Link {
  readonly driver: Driver
  connecting: Promise<void> | undefined
}

function checkSpacing(value: unknown = 0): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return Math.ceil(value)
  throw new TypeError(
    `Expected \`spacingMs\` to be a finite number of at least 0, got ${String(value)}`,
  )
}

/** A call's outcome, or the reason of the signal as soon as it aborts. */
async function unlessAborted<T>(
  call: Promise<T>,
  signal: AbortSignal,
  onAborted?: () => void,
): Promise<T> {
  let onAbort = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      onAborted?.()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
  try {
    return await Promise.race([call, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
