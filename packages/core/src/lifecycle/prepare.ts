import type { CallOptions } from '../contracts/adapter.ts'
import type { MemoryLimits } from '../contracts/enforcer.ts'
import type { RecoverReport, RecoverRequest } from '../contracts/job-source.ts'
import type { Deadline } from '../jobs/deadline.ts'
import type { LastExit } from '../ledger/last-exit.ts'
import { readLedgerFile } from '../ledger/ledger-file.ts'
import type { ResolvedOptions } from '../options.ts'
import { resolveBudget, type Budget } from './budget.ts'
import type { Calls } from './calls.ts'

/** What a worker knows before it takes its first job. */
export interface Prepared {
  readonly budget: Budget
  readonly limits: MemoryLimits
  readonly lastExit?: LastExit
  readonly recovered: RecoverReport
}

/** The part of `startMs` that each call may take which the worker can do without. */
const SPARE_SHARE = 1 / 6

/**
 * Asks the supervisor what it must know, refuses a budget that does not fit, and puts back what
 * dead workers held. Only stop budget and limits are indispensable; the rest is reported.
 */
export async function prepare(
  options: ResolvedOptions,
  calls: Calls,
  time: Deadline,
  { signal }: CallOptions,
): Promise<Prepared> {
  const { enforcer } = options
  const must = (call: string) => ({ adapter: enforcer, call, ms: time.remainingMs(), signal })
  const supervisor = await calls.must(must('stopBudget'), (inner) =>
    enforcer.stopBudget({ signal: inner }),
  )
  const budget = resolveBudget(options.budget, supervisor)
  const limits = await calls.must(must('limits'), (inner) => enforcer.limits({ signal: inner }))
  const lastExit = await readLastExit(options, calls, signal)
  return {
    budget,
    limits,
    ...(lastExit && { lastExit }),
    recovered: await recover(options, calls, signal, lastExit),
  }
}

/** The supervisor's word on the cause, completed by the ledger that the predecessor left itself. */
async function readLastExit(
  options: ResolvedOptions,
  calls: Calls,
  signal: AbortSignal,
): Promise<LastExit | undefined> {
  const { enforcer, ledgerPath } = options
  const ms = options.startMs * SPARE_SHARE
  const told = await calls.attempt({ adapter: enforcer, call: 'lastExit', ms, signal }, (inner) =>
    enforcer.lastExit({ signal: inner }),
  )
  if (told?.ledger || ledgerPath === undefined) return told
  const file = { name: 'ledger-file' }
  const ledger = await calls.attempt({ adapter: file, call: 'read', ms, signal }, (inner) =>
    readLedgerFile(ledgerPath, { signal: inner }),
  )
  if (!ledger) return told
  // A ledger of an earlier incarnation than the one that the supervisor speaks of says nothing.
  if (told?.identity !== undefined && told.identity !== ledger.identity) return told
  const cause = ledger.leaving === 'failure' ? 'crash' : ledger.leaving
  return { cause, identity: ledger.identity, atEpochMs: ledger.endedAtEpochMs, ...told, ledger }
}

/**
 * The predecessor, whose cause of death the supervisor knows. Without a supervisor nobody will ever
 * tell why a worker died, so that all who are provably dead are recovered at once.
 */
async function recover(
  options: ResolvedOptions,
  calls: Calls,
  signal: AbortSignal,
  lastExit: LastExit | undefined,
): Promise<RecoverReport> {
  const { source } = options
  const ms = options.startMs * SPARE_SHARE
  if (!source.supports.recover) return { recovered: [] }
  const requests: RecoverRequest[] = []
  if (lastExit?.identity !== undefined) {
    requests.push({ identity: lastExit.identity, cause: lastExit.cause })
  }
  if (!options.enforcer.supports.lastExit) requests.push({})
  const recovered = []
  for (const request of requests) {
    const report = await calls.attempt({ adapter: source, call: 'recover', ms, signal }, (inner) =>
      source.recover?.(request, { signal: inner }),
    )
    recovered.push(...(report?.recovered ?? []))
  }
  return { recovered }
}
