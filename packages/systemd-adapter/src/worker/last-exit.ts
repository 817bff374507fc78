import type { LastExit, Ledger } from '@worker-recycler/core'
import { causeOf, type DeathRecord } from '../death/death-record.ts'
import { readDeaths } from '../death/spool.ts'

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
  },
): Promise<LastExit | undefined> {
  const records = await readDeaths(unit, options.spool)
  const last = records.findLast((record) => record.invocation !== invocation)
  if (!last) return undefined
  const ledger = await options.ledger()
  // A ledger is of the predecessor only if it names it; a killed one wrote none.
  const isIts = ledger?.identity.endsWith(`:${last.invocation}`) ?? false
  return {
    cause: causeOf(last, options.recycleCode),
    atEpochMs: last.atEpochMs,
    ...exitOf(last),
    ...(last.memoryPeakBytes !== undefined && { memoryPeakBytes: last.memoryPeakBytes }),
    ...(ledger && isIts && { ledger, identity: ledger.identity }),
  }
}

function exitOf({ exitCode, exitStatus }: DeathRecord): Pick<LastExit, 'exitCode' | 'exitSignal'> {
  if (exitCode === 'exited') return { exitCode: Number(exitStatus) }
  return exitStatus === '' ? {} : { exitSignal: `SIG${exitStatus}` }
}
