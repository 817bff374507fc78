import type { CallOptions, Clock, Enforcer, Logger, StoppingNotice } from '@worker-recycler/core'
import { timeLimit } from '../process/time-limit.ts'
import type { Manager } from '../transport/manager.ts'
import type { Environment } from './environment.ts'
import type { Notifier } from './notifier.ts'
import { startWatchdog } from './watchdog.ts'

/** What the worker tells its manager, in the order of its life. */
export interface Notices {
  readonly ready: Enforcer['ready']
  readonly stopping: Enforcer['stopping']
  readonly extendStop: NonNullable<Enforcer['extendStop']>
  readonly stop: () => void
}

const US_PER_MS = 1000
/** How long a beat may be on its way. */
const BEAT_MS = 5000
/** `EXTEND_TIMEOUT_USEC=` came with systemd 236. */
const EXTENDS_SINCE = 236

/** Makes the notices of one worker. The way to speak is chosen at the first one. */
export function createNotices(parts: {
  readonly unit: string
  readonly env: Environment
  readonly pid: number
  readonly clock: Clock
  readonly logger: Logger
  readonly manager: Manager
  readonly open: () => Promise<Notifier>
}): Notices {
  const { unit, env, pid, clock, logger, manager, open } = parts
  let opened: Promise<Notifier> | undefined
  let stopWatchdog = () => {}
  let isHeard = true
  let version: number | undefined
  // Never shared while it is under way: a stop takes the `systemctl` of before along.
  const askVersion = async (call: CallOptions) =>
    (version ??= await manager.version(call).catch(() => undefined)) ?? 0
  const notifier = () => (opened ??= open())
  const send = async (lines: readonly string[], call: CallOptions) =>
    (await notifier()).send(lines, call)

  const beat = async () => {
    try {
      await send(['WATCHDOG=1'], { signal: timeLimit(BEAT_MS) })
    } catch (error) {
      logger.warn({ unit, error }, 'A beat did not reach the watchdog')
    }
  }

  return {
    ready: async (call) => {
      const { via, reason } = await notifier()
      const status = `Takes jobs (pid ${pid})`
      await send(['READY=1', `STATUS=${status}`], call)
      const how = via === 'none' ? 'Ready: systemd was not told' : 'Ready: systemd was told'
      logger.info({ unit, via, reason }, how)
      // It is told again where the first time took too long.
      stopWatchdog()
      stopWatchdog = startWatchdog({ env, pid, clock, beat: () => void beat() })
      if (via === 'systemd-notify') await assertHeard(status, call)
      // Now, as at a stop systemd may send SIGTERM to all processes of the unit, and so to `systemctl`.
      await askVersion(call)
    },
    stopping: async (notice, call) => {
      await send(['STOPPING=1', `STATUS=${stoppingText(notice)}`], call)
    },
    extendStop: async (ms, call) => {
      if (!(await canExtend(call))) return 0
      await send([`EXTEND_TIMEOUT_USEC=${Math.ceil(ms * US_PER_MS)}`], call)
      return ms
    },
    stop: () => stopWatchdog(),
  }

  /** What nobody hears, or understands, is not granted. */
  async function canExtend(call: CallOptions): Promise<boolean> {
    if (!isHeard || (await notifier()).via === 'none') return false
    return (await askVersion(call)) >= EXTENDS_SINCE
  }

  /** `systemd-notify` exits with 0 though systemd refused what came from another process than it wants. */
  async function assertHeard(status: string, call: CallOptions): Promise<void> {
    const shown = await manager.show([unit], ['StatusText'], call)
    if (shown.get(unit)?.['StatusText'] === status) return
    isHeard = false
    logger.warn(
      { unit },
      'systemd refused the notification: set NotifyAccess=all, or let it pass a descriptor (notify)',
    )
  }
}

function stoppingText({ leaving, reasons, budgetMs }: StoppingNotice): string {
  const why = reasons.map(({ message }) => message).join('; ') || 'it was asked to'
  const text = `Leaves (${leaving}) within ${Math.round(budgetMs / 1000)} s: ${why}`
  return text.replaceAll(/\s*\n\s*/g, ' ')
}
