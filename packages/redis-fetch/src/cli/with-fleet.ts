import { isRecyclerError, type Logger, silentLogger } from '@worker-recycler/core'
import { openDriver } from '../driver/ioredis-driver.ts'
import { unreachable } from '../driver/storage-error.ts'
import type { Fleet } from '../fleet.ts'
import { layoutOf } from '../layout/layouts.ts'
import type { CommandContext } from './command.ts'
import { readConnection } from './connection-settings.ts'
import { unprefixed } from './explain-error.ts'
import { limitDriver, within } from './limited-driver.ts'
import { checked, Mistake } from './mistake.ts'
import { durationOf } from './option-value.ts'

const TIMEOUT_MS = 10_000

/** How a command connects. */
export interface Connecting {
  /** Keeps trying for as long as `--timeout` allows, instead of giving up at the first failure. */
  readonly patient: boolean
}

/**
 * Connects, lets a command work, and closes: one connection, no checks of the server. Throws a
 * `Mistake` for settings that are wrong, before it connects.
 */
export async function withFleet<T>(
  context: CommandContext,
  { patient }: Connecting,
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const { values, clock, signal } = context
  const timeoutMs = durationOf('--timeout', values.timeout, TIMEOUT_MS)
  const layout = readLayout(context)
  const connection = readConnection(context)
  const failed = new AbortController()
  let reason: unknown
  const logger: Logger = {
    ...silentLogger,
    // A driver that cannot connect says so once, and tries again.
    warn: (bindings) => {
      reason = (bindings as { readonly error?: unknown }).error
      if (patient) return
      // A refusal of the credentials is told by `ready`, in better words, at the same event.
      const giveUp = () => failed.abort(unreachable('The server cannot be reached', reason))
      queueMicrotask(giveUp)
    },
  }
  const opened = openDriver(connection, 'cli', logger)
  try {
    const limits = { timeoutMs, clock, signal }
    const either = AbortSignal.any([signal, failed.signal])
    await within(opened.ready(either), limits).catch((error: unknown) => {
      const isLate = isRecyclerError(error) && error.cause === undefined
      throw isLate ? unreachable(unprefixed(error.message), reason) : error
    })
    return await work({ driver: limitDriver(opened, limits), layout, clock, logger: silentLogger })
  } finally {
    opened.close()
  }
}

function readLayout({ values: { layout = 'native', prefix } }: CommandContext): Fleet['layout'] {
  if (layout !== 'native' && layout !== 'sidekiq') {
    throw new Mistake(`--layout is native or sidekiq, not ${JSON.stringify(layout)}`)
  }
  return checked('--prefix', () => layoutOf(layout, prefix))
}
