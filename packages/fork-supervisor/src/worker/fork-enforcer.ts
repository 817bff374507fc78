import {
  type Clock,
  CONTRACT,
  type Enforcer,
  type LastExit,
  type MemoryLimits,
  RecyclerError,
  type StopBudget,
  systemClock,
} from '@worker-recycler/core'
import { type Channel, processChannel } from './channel.ts'
import { openLine } from './line.ts'
import { reportMemory } from './report-memory.ts'
import { createRequestQueue } from './request-queue.ts'
import { isForkSupervised, readInvocation } from './supervised.ts'

/** Options of `forkEnforcer`. */
export interface ForkEnforcerOptions {
  /** Defaults to the IPC channel to the supervisor. */
  readonly channel?: Channel
  /** Defaults to what the supervisor put into the environment. */
  readonly invocation?: string
  readonly clock?: Clock
}

/** An enforcer whose supervisor is `createForkSupervisor` or `worker-recycler-fork`. */
export interface ForkEnforcer extends Enforcer {
  readonly extendStop: NonNullable<Enforcer['extendStop']>
  readonly grantHeadroom: NonNullable<Enforcer['grantHeadroom']>
  readonly saveLedger: NonNullable<Enforcer['saveLedger']>
  readonly requests: NonNullable<Enforcer['requests']>
  readonly stop: NonNullable<Enforcer['stop']>
}

const NAME = 'fork-enforcer'

/**
 * The worker's line to the fork supervisor that started it. The supervisor's death is a stop request.
 * It listens from now until `stop()`, and keeps the process alive for as long. Throws `NO_SUPERVISOR`
 * in a process that no fork supervisor started; `isForkSupervised()` tells beforehand.
 */
export function forkEnforcer(options: ForkEnforcerOptions = {}): ForkEnforcer {
  const { channel = ownChannel(), clock = systemClock } = options
  const invocation = options.invocation ?? (options.channel ? undefined : readInvocation())
  const queue = createRequestQueue(({ kind }) => line.post({ type: 'heard', kind }))
  const decline = () => line.post({ type: 'declined' })
  const line = openLine(NAME, channel, {
    onRequest: (request) =>
      queue.push(request.kind === 'recycle' ? { ...request, decline } : request),
    onDisconnect: () => queue.push({ kind: 'stop' }),
  })
  line.post({ type: 'hello' })
  const cancelReports = reportMemory(clock, (figures) => line.post({ type: 'memory', ...figures }))

  return {
    kind: 'enforcer',
    name: NAME,
    contract: CONTRACT,
    supports: {
      lastExit: true,
      ledger: true,
      extendStop: true,
      headroom: true,
      requests: true,
      host: false,
    },
    ...(invocation !== undefined && { invocation }),
    stopBudget: async (call) => (await line.call({ method: 'stopBudget' }, call)) as StopBudget,
    limits: async (call) => (await line.call({ method: 'limits' }, call)) as MemoryLimits,
    lastExit: async (call) => {
      const lastExit = await line.call({ method: 'lastExit' }, call)
      return (lastExit ?? undefined) as LastExit | undefined
    },
    ready: async (call) => void (await line.call({ method: 'ready' }, call)),
    stopping: async (notice, call) => void (await line.call({ method: 'stopping', notice }, call)),
    extendStop: async (ms, call) => Number(await line.call({ method: 'extendStop', ms }, call)),
    grantHeadroom: async (request, call) =>
      Number(await line.call({ method: 'headroom', request }, call)),
    saveLedger: async (ledger, call) =>
      void (await line.call({ method: 'saveLedger', ledger }, call)),
    requests: ({ signal }) => queue.take(signal),
    stop: () => {
      cancelReports()
      queue.end()
      line.close()
      return Promise.resolve()
    },
  }
}

function ownChannel(): Channel {
  if (isForkSupervised()) return processChannel()
  throw new RecyclerError(
    'NO_SUPERVISOR',
    `[${NAME}] No fork supervisor started this process: start it with \`worker-recycler-fork\` or \`createForkSupervisor()\`, or choose another enforcer where \`isForkSupervised()\` is false`,
  )
}
