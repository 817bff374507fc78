import type { Permit } from '../contracts/coordinator.ts'
import type { Events } from '../events.ts'
import { runHook } from '../hooks.ts'
import { saveLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Budget } from './budget.ts'
import type { Calls } from './calls.ts'

/** What closing needs. */
export interface CloseOptions {
  readonly options: ResolvedOptions
  readonly budget: Budget
  readonly calls: Calls
  readonly events: Events
  readonly ledger: Ledger
  readonly permit: Permit | undefined
}

/**
 * Writes the ledger first, as nothing else of closing can be made up for; then closes the adapters,
 * side by side; the line to the supervisor last, because it is told about the rest.
 */
export async function close(parts: CloseOptions): Promise<void> {
  const { options, budget, calls, events, ledger, permit } = parts
  const { enforcer, source, coordinator, clock, hooks, ledgerPath } = options
  const ms = budget.closeMs / 3
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
    calls.attempt({ adapter: source, call: 'stop', ms }, (signal) => source.stop({ signal })),
    // A recycling worker keeps its permit: its place is taken until the successor works.
    coordinator && ledger.leaving !== 'recycle' && permit
      ? calls.attempt({ adapter: coordinator, call: 'release', ms }, (signal) =>
          permit.release({ signal }),
        )
      : undefined,
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
