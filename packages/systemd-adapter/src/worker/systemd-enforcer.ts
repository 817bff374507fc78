import { totalmem } from 'node:os'
import {
  type CallOptions,
  type Clock,
  CONTRACT,
  type Enforcer,
  type Ledger,
  type Logger,
  type MemoryLimits,
  silentLogger,
  type StopBudget,
  systemClock,
} from '@worker-recycler/core'
import { SPOOL } from '../death/spool.ts'
import type { UnitFacts } from '../host/facts.ts'
import { readKernelLimits } from '../host/kernel-limits.ts'
import { hierarchyAt } from '../host/read-facts.ts'
import { systemdHost, type SystemdHost } from '../systemd-host.ts'
import type { Manager } from '../transport/manager.ts'
import { systemctl } from '../transport/systemctl.ts'
import { type Environment, readService } from './environment.ts'
import { createHeadRoom, isKeptHeadRoom } from './head-room.ts'
import { readLastExit } from './last-exit.ts'
import { createNotices } from './notices.ts'
import { openNotifier } from './notifier.ts'
import { openStateFile } from './state-file.ts'
import { parseTimeSpan } from './time-span.ts'

/** Options of `systemdEnforcer`. Everything is found out by itself; these are for tests and rare hosts. */
export interface SystemdEnforcerOptions {
  /** Where systemd's variables are read. Defaults to `process.env`. */
  readonly env?: Environment
  /** The text of `/proc/self/cgroup`. */
  readonly cgroupText?: string
  /** Defaults to `/sys/fs/cgroup`. */
  readonly cgroupRoot?: string
  /** The running manager. Defaults to `systemctl`, of the system or of the user. */
  readonly manager?: Manager
  /** Where death records are. Defaults to `/run/worker-recycler/deaths`. */
  readonly spool?: string
  /** The exit code of a recycle (`RestartForceExitStatus=`). Defaults to 75. */
  readonly recycleCode?: number
  readonly logger?: Logger
  readonly clock?: Clock
}

/** An enforcer whose supervisor is systemd. */
export interface SystemdEnforcer extends Enforcer {
  readonly unit: string
  readonly extendStop: NonNullable<Enforcer['extendStop']>
  readonly grantHeadroom: NonNullable<Enforcer['grantHeadroom']>
  readonly stop: NonNullable<Enforcer['stop']>
  readonly host: SystemdHost
}

const NAME = 'systemd-enforcer'
const DEFAULT_RECYCLE_CODE = 75

/**
 * The worker's line to the systemd that started it as a service. Throws NO_SUPERVISOR elsewhere;
 * `isSystemdService()` tells beforehand. Source: systemd.exec(5), sd_notify(3).
 */
export function systemdEnforcer(options: SystemdEnforcerOptions = {}): SystemdEnforcer {
  const { env = process.env, cgroupRoot = '/sys/fs/cgroup', spool = SPOOL } = options
  const { logger = silentLogger, clock = systemClock } = options
  const service = readService(env, options.cgroupText)
  const { unit, invocation, controlGroup, isUser } = service
  const scope = isUser ? 'user' : 'system'
  const manager = options.manager ?? systemctl(scope)
  const store = openStateFile(env, `${unit}.ledger.json`, isLedger, logger)
  const kept = openStateFile(env, `${unit}.head-room.json`, isKeptHeadRoom, logger)
  const read = async (): Promise<Pick<UnitFacts, 'kernel' | 'parent' | 'usedBytes'>> =>
    readKernelLimits(cgroupRoot, controlGroup, await hierarchyAt(cgroupRoot))
  const headRoom = createHeadRoom({
    unit,
    user: env['USER'] ?? 'USER',
    manager,
    clock,
    logger,
    hostBytes: totalmem(),
    read,
    kept,
  })
  const notices = createNotices({
    unit,
    env,
    pid: process.pid,
    clock,
    logger,
    manager,
    open: () => openNotifier(env, process.pid),
  })

  return {
    kind: 'enforcer',
    name: NAME,
    contract: CONTRACT,
    supports: {
      lastExit: true,
      ledger: store !== undefined,
      extendStop: true,
      headroom: true,
      requests: false,
      host: true,
    },
    unit,
    invocation,
    stopBudget: (call) => readStopBudget(unit, manager, call),
    limits: async (call) => {
      await headRoom.restore(call).catch((error: unknown) => {
        call.signal.throwIfAborted()
        logger.warn({ unit, error }, 'Head-room of the predecessor was not taken back')
      })
      return toLimits(unit, await read())
    },
    lastExit: () =>
      readLastExit(unit, invocation, {
        spool,
        recycleCode: options.recycleCode ?? DEFAULT_RECYCLE_CODE,
        ledger: async () => store?.read(),
        logger,
      }),
    ready: notices.ready,
    stopping: notices.stopping,
    extendStop: notices.extendStop,
    grantHeadroom: async (request, call) => {
      const bytes = await headRoom.grant(request, call)
      const { forMs } = request
      if (bytes > 0) logger.info({ unit, bytes, forMs }, 'Head-room granted for the drain')
      else
        logger.info({ unit, askedBytes: request.bytes }, 'No limit to raise, or no room above it')
      return bytes
    },
    ...(store && { saveLedger: (ledger) => store.save(ledger) }),
    stop: async () => {
      notices.stop()
      await headRoom.stop()
    },
    host: systemdHost({ scope, manager, cgroupRoot, clock }),
  }
}

function isLedger(value: unknown): value is Ledger {
  const { version, identity } = (value ?? {}) as Partial<Ledger>
  return version === 1 && typeof identity === 'string'
}

async function readStopBudget(
  unit: string,
  manager: Manager,
  call: CallOptions,
): Promise<StopBudget> {
  const shown = await manager.show([unit], ['TimeoutStopUSec'], call)
  const ms = parseTimeSpan(shown.get(unit)?.['TimeoutStopUSec'] ?? '')
  if (ms === undefined) throw new Error(`[${NAME}] systemd does not tell TimeoutStopSec of ${unit}`)
  return { ms, from: `TimeoutStopSec of ${unit}` }
}

function toLimits(
  unit: string,
  { kernel, parent }: Pick<UnitFacts, 'kernel' | 'parent'>,
): MemoryLimits {
  const own = kernel?.max ?? Infinity
  const hard = Math.min(own, parent?.maxBytes ?? Infinity)
  const soft = kernel?.high ?? Infinity
  return {
    ...(Number.isFinite(hard) && { hardBytes: hard }),
    // A higher one comes to nothing: the worker is killed before.
    ...(Number.isFinite(soft) && soft <= hard && { softBytes: soft }),
    from: parent && parent.maxBytes < own ? parent.path : `the cgroup of ${unit}`,
  }
}
