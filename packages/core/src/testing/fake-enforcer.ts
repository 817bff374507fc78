import { CONTRACT } from '../contracts/adapter.ts'
import type {
  Enforcer,
  EnforcerSupports,
  MemoryLimits,
  SupervisorRequest,
} from '../contracts/enforcer.ts'
import type { LastExit } from '../ledger/last-exit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { memoryHost, type MemoryHostOptions } from './memory-host.ts'

/** How a fake enforcer differs from the usual one. */
export interface FakeEnforcerOptions {
  /** Defaults to 90,000, as systemd's. */
  readonly stopBudgetMs?: number
  /** Defaults to none. */
  readonly limits?: Omit<MemoryLimits, 'from'>
  /** How the predecessor ended. Defaults to undefined: a first process. */
  readonly lastExit?: LastExit
  readonly invocation?: string
  /** The most that `extendStop` grants. Defaults to 0. */
  readonly extendStopMs?: number
  /** The most that `grantHeadroom` grants. Defaults to 0. */
  readonly headroomBytes?: number
  /** Defaults to true for all. */
  readonly supports?: Partial<EnforcerSupports>
  /** The host. Defaults to one without files. */
  readonly host?: MemoryHostOptions
}

/** One call that a fake enforcer received, without its options. */
export interface EnforcerCall {
  readonly member: string
  readonly argument?: unknown
}

/** An enforcer without a supervisor: a test plays that part. */
export interface FakeEnforcer extends Enforcer {
  /** Calls in their order. */
  readonly calls: readonly EnforcerCall[]
  /** The ledger that was saved last. */
  readonly savedLedger: Ledger | undefined
  /** Asks the worker for something, as its supervisor. */
  push(request: SupervisorRequest): void
  /** The enforcer of the next process: its last exit has the saved ledger. */
  successor(lastExit?: Omit<LastExit, 'ledger'>): FakeEnforcer
}

/** Makes a fake enforcer. */
export function fakeEnforcer(options: FakeEnforcerOptions = {}): FakeEnforcer {
  const calls: EnforcerCall[] = []
  const pushed: SupervisorRequest[] = []
  const listeners = new Set<() => void>()
  let savedLedger: Ledger | undefined

  const note = (signal: AbortSignal, member: string, argument?: unknown) => {
    signal.throwIfAborted()
    calls.push(argument === undefined ? { member } : { member, argument })
  }
  const supports = {
    lastExit: true,
    ledger: true,
    extendStop: true,
    headroom: true,
    requests: true,
    host: true,
    ...options.supports,
  }
  async function* requests(signal: AbortSignal) {
    while (!signal.aborted) {
      const request = pushed.shift()
      if (request) yield request
      else await pushOrAbort(listeners, signal)
    }
  }

  return {
    kind: 'enforcer',
    name: 'fake',
    contract: CONTRACT,
    supports,
    calls,
    get savedLedger() {
      return savedLedger
    },
    ...(options.invocation === undefined ? {} : { invocation: options.invocation }),
    stopBudget: async ({ signal }) => {
      note(signal, 'stopBudget')
      return { ms: options.stopBudgetMs ?? 90_000, from: 'the test' }
    },
    limits: async ({ signal }) => {
      note(signal, 'limits')
      return { ...options.limits, from: 'the test' }
    },
    lastExit: async ({ signal }) => {
      note(signal, 'lastExit')
      return options.lastExit
    },
    ready: async ({ signal }) => note(signal, 'ready'),
    stopping: async (notice, { signal }) => note(signal, 'stopping', notice),
    extendStop: async (ms, { signal }) => {
      note(signal, 'extendStop', ms)
      return Math.min(ms, options.extendStopMs ?? 0)
    },
    grantHeadroom: async (request, { signal }) => {
      note(signal, 'grantHeadroom', request)
      return Math.min(request.bytes, options.headroomBytes ?? 0)
    },
    saveLedger: async (ledger, { signal }) => {
      note(signal, 'saveLedger', ledger)
      savedLedger = structuredClone(ledger)
    },
    requests: ({ signal }) => requests(signal),
    stop: async () => {
      calls.push({ member: 'stop' })
    },
    ...(supports.host ? { host: memoryHost(options.host) } : {}),
    push: (request) => {
      pushed.push(request)
      for (const listener of listeners) listener()
    },
    successor: (lastExit = { cause: 'recycle' }) =>
      fakeEnforcer({
        ...options,
        lastExit: savedLedger ? { ...lastExit, ledger: savedLedger } : lastExit,
      }),
  }
}

function pushOrAbort(listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      listeners.delete(done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    listeners.add(done)
    signal.addEventListener('abort', done, { once: true })
  })
}
