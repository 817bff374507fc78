import type { LastExit, Ledger, Logger } from '@worker-recycler/core'
import { causeOf, type DeathRecord } from '../death/death-record.ts'
import { readDeaths, reportTo } from '../death/spool.ts'

/**
 * How the predecessor ended: the newest death record of the unit that is of another invocation. Without
 * a hook nothing is known, as systemd forgets a result when it starts the next process.
 */
export async function readLastExit(
  unit: string,
  invocation: string,
  options: {
    readonly spool: string
    readonly ledger: () => Promise<Ledger | undefined>
    /** The exit code of a recycle. */
    readonly recycleCode: number
    readonly logger: Logger
  },
): Promise<LastExit | undefined> {
  const { spool, recycleCode, logger } = options
  const records = await readDeaths(unit, spool, reportTo(logger))
  const last = records.findLast((record) => record.invocation !== invocation)
  if (!last) return undefined
  const ledger = await options.ledger()
  // A ledger is of the predecessor only if it names it; a killed one wrote none.
  const isIts = ledger?.identity.endsWith(`:${last.invocation}`) ?? false
  const how = {
    cause: causeOf(last, recycleCode),
    ...exitOf(last),
    ...(last.memoryPeakBytes !== undefined && { memoryPeakBytes: last.memoryPeakBytes }),
  }
  if (how.cause !== 'recycle' && how.cause !== 'stop') {
    logger.warn({ unit, ...how }, 'The predecessor died; what it held goes to recovery')
  }
  return {
    ...how,
    invocation: last.invocation,
    atEpochMs: last.atEpochMs,
    ...(ledger && isIts && { ledger, identity: ledger.identity }),
  }
}

function exitOf({ exitCode, exitStatus }: DeathRecord): Pick<LastExit, 'exitCode' | 'exitSignal'> {
  if (exitStatus === '') return {}
  return exitCode === 'exited'
    ? { exitCode: Number(exitStatus) }
    : { exitSignal: `SIG${exitStatus}` }
}
