import type { CallOptions } from '../contracts/adapter.ts'
import type { MemoryLimits } from '../contracts/enforcer.ts'
import type { RecoverReport, RecoverRequest } from '../contracts/job-source.ts'
import type { Deadline } from '../jobs/deadline.ts'
import type { LastExit } from '../ledger/last-exit.ts'
import { readLedgerFile, saveLedgerFile, type KeptLedger } from '../ledger/ledger-file.ts'
import type { PastRecycle } from '../ledger/past-recycle.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import { resolveBudget, type Budget } from './budget.ts'
import type { Calls } from './calls.ts'

/** What a worker knows before it takes its first job. */
export interface Prepared {
  readonly budget: Budget
  readonly limits: MemoryLimits
  readonly lastExit?: LastExit
  /** Earlier recycles of this worker, oldest first. */
  readonly recycles: readonly PastRecycle[]
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
  identity: string,
  { signal }: CallOptions,
): Promise<Prepared> {
  const { enforcer } = options
  const must = (call: string) => ({ adapter: enforcer, call, ms: time.remainingMs(), signal })
  const supervisor = await calls.must(must('stopBudget'), (inner) =>
    enforcer.stopBudget({ signal: inner }),
  )
  const budget = resolveBudget(options.budget, supervisor)
  const limits = await calls.must(must('limits'), (inner) => enforcer.limits({ signal: inner }))
  const told = await askLastExit(options, calls, signal)
  const kept = told?.ledger ?? (await takeLedger(options, calls, identity, signal))
  const lastExit = completed(told, kept)
  return {
    budget,
    limits,
    ...(lastExit && { lastExit }),
    // Whoever left it, the ledger knows what was before: a kill in between must not reset the breaker.
    recycles: kept?.recycles ?? [],
    recovered: await recover(options, calls, signal, lastExit),
  }
}

function askLastExit(
  { enforcer, startMs }: ResolvedOptions,
  calls: Calls,
  signal: AbortSignal,
): Promise<LastExit | undefined> {
  const ms = startMs * SPARE_SHARE
  return calls.attempt({ adapter: enforcer, call: 'lastExit', ms, signal }, (inner) =>
    enforcer.lastExit({ signal: inner }),
  )
}

/** Reads the ledger in the file, and marks it: it is the last exit of one process only. */
async function takeLedger(
  { ledgerPath, startMs }: ResolvedOptions,
  calls: Calls,
  identity: string,
  signal: AbortSignal,
): Promise<KeptLedger | undefined> {
  if (ledgerPath === undefined) return undefined
  const file = { adapter: { name: 'ledger-file' }, ms: startMs * SPARE_SHARE, signal }
  const ledger = await calls.attempt({ ...file, call: 'read' }, (inner) =>
    readLedgerFile(ledgerPath, { signal: inner }),
  )
  if (ledger && ledger.takenBy === undefined) {
    await calls.attempt({ ...file, call: 'mark' }, (inner) =>
      saveLedgerFile(ledgerPath, { ...ledger, takenBy: identity }, { signal: inner }),
    )
  }
  return ledger
}

/**
 * The supervisor's word on the cause, completed by the ledger that the predecessor left itself. A
 * ledger of an earlier incarnation than the one that the supervisor speaks of says nothing about it,
 * nor does one that another process has taken already: that one was killed.
 */
function completed(
  told: LastExit | undefined,
  ledger: KeptLedger | undefined,
): LastExit | undefined {
  if (!ledger) return told
  const cause = ledger.leaving === 'failure' ? 'crash' : ledger.leaving
  const named = told?.identity ?? told?.invocation
  const same =
    named === undefined ? told?.cause === cause : `:${ledger.identity}`.endsWith(`:${named}`)
  const others = told ? !same : ledger.takenBy !== undefined
  if (others) return told
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
  if (lastExit) {
    const { identity, invocation, cause } = lastExit
    if (identity !== undefined) requests.push({ identity, cause })
    else if (invocation !== undefined) requests.push({ invocation, cause })
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
