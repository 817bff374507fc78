import { CONTRACT, type Adapter } from '../contracts/adapter.ts'
import { RecyclerError } from '../errors.ts'
import type { ResolvedOptions } from '../resolve-options.ts'

/** What every adapter of a kind has. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'job-source': ['start', 'quiesce', 'inFlight', 'abort', 'handBack', 'stop'],
  enforcer: ['stopBudget', 'limits', 'lastExit', 'ready', 'stopping'],
  policy: ['judge'],
  monitor: ['watch'],
  coordinator: ['acquire'],
}

/** Which member each declared capability needs. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'job-source': { recover: 'recover', throttle: 'throttle' },
  enforcer: {
    extendStop: 'extendStop',
    headroom: 'grantHeadroom',
    ledger: 'saveLedger',
    requests: 'requests',
    host: 'host',
  },
}

/**
 * Refuses, before anything is started, an adapter that core cannot work with: another kind, another
 * version of the contract, or a capability that it declares and does not have.
 */
export function checkAdapters(options: ResolvedOptions): void {
  checkAdapter(options.source, 'job-source')
  checkAdapter(options.enforcer, 'enforcer')
  checkAdapter(options.policy, 'policy')
  for (const monitor of options.monitors) checkAdapter(monitor, 'monitor')
  if (options.coordinator) checkAdapter(options.coordinator, 'coordinator')
  if (options.elevatedShare < 1 && !options.source.supports.throttle) {
    throw refused(
      `[${options.source.name}] cannot take fewer jobs (\`supports.throttle\` is false): ` +
        'leave `elevatedShare` out, or use a job source that can',
    )
  }
}

function checkAdapter(adapter: Adapter<string, object>, kind: string): void {
  const { name } = adapter
  if (typeof name !== 'string') throw refused(`What was given as a ${kind} has no name`)
  if (adapter.kind !== kind) {
    throw refused(
      `[${name}] is of the kind ${adapter.kind}, where one of the kind ${kind} is needed`,
    )
  }
  // By its type it cannot be another one; but adapters come from elsewhere.
  const contract: number = adapter.contract
  if (contract !== CONTRACT) {
    throw refused(
      `[${name}] is made for contract ${contract}; this core has contract ${CONTRACT}. ` +
        'Install versions of both packages that fit',
    )
  }
  const supports: unknown = adapter.supports
  if (typeof supports !== 'object' || supports === null) {
    throw refused(`[${name}] does not say what it \`supports\``)
  }
  for (const member of REQUIRED[kind] ?? []) {
    if (typeof Reflect.get(adapter, member) === 'function') continue
    throw refused(`[${name}] has no \`${member}()\`, which every adapter of its kind has`)
  }
  for (const [capability, member] of Object.entries(MEMBERS[kind] ?? {})) {
    if (Reflect.get(supports, capability) !== true) continue
    if (Reflect.get(adapter, member) !== undefined) continue
    throw refused(`[${name}] declares \`supports.${capability}\` but has no \`${member}\``)
  }
}

const refused = (message: string) => new RecyclerError('ADAPTER_REFUSED', message)
