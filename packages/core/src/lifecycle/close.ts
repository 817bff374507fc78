import type { Events } from '../events.ts'
import { runHook } from '../hooks.ts'
import { saveLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { Budget } from './budget.ts'
import type { Calls } from './calls.ts'
import type { Departure } from './departure.ts'
import type { Permits } from './permits.ts'

/** What closing needs. */
export interface CloseOptions {
  readonly options: ResolvedOptions
  readonly budget: Budget
  readonly calls: Calls
  readonly events: Events
  readonly ledger: Ledger
  /** Missing, as is the departure, when the worker was not prepared. */
  readonly permits: Permits | undefined
  readonly departure: Departure | undefined
  /** The source is this worker's to stop. */
  readonly ownsSource: boolean
}

/** The part of the slice that each of three steps has: what hangs is told before the slice is over. */
const STEP_SHARE = 0.3

/**
 * Writes the ledger first, as nothing else of closing can be made up for; then closes the adapters,
 * side by side; the line to the supervisor last, because it is told about the rest.
 */
export async function close(parts: CloseOptions): Promise<void> {
  const { options, budget, calls, events, ledger, permits, departure, ownsSource } = parts
  const { enforcer, source, coordinator, clock, hooks, ledgerPath } = options
  const ms = budget.closeMs * STEP_SHARE
  await Promise.all([
    enforcer.supports.ledger &&
      calls.attempt({ adapter: enforcer, call: 'saveLedger', ms }, (signal) =>
        enforcer.saveLedger?.(ledger, { signal }),
      ),
    ledgerPath !== undefined &&
      calls.attempt({ adapter: { name: 'ledger-file' }, call: 'save', ms }, (signal) =>
        saveLedgerFile(ledgerPath, ledger, { signal }),
      ),
  ])
  const { beforeExit } = hooks
  await Promise.all([
    runHook(
      { name: 'beforeExit', ms, clock, events },
      beforeExit && ((hookOptions) => beforeExit(ledger, hookOptions)),
    ),
    ownsSource &&
      calls.attempt({ adapter: source, call: 'stop', ms }, (signal) => source.stop({ signal })),
    // A recycling worker keeps its permit: its place is taken until the successor works.
    ledger.leaving === 'recycle' ? undefined : permits?.giveBack(ms),
    departure?.finish(ms),
  ])
  await Promise.all([
    coordinator?.stop &&
      calls.attempt({ adapter: coordinator, call: 'stop', ms }, (signal) =>
        coordinator.stop?.({ signal }),
      ),
    enforcer.stop &&
      calls.attempt({ adapter: enforcer, call: 'stop', ms }, (signal) =>
        enforcer.stop?.({ signal }),
      ),
  ])
}
