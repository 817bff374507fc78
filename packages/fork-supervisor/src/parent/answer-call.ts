import type {
  HeadroomRequest,
  LastExit,
  Ledger,
  MemoryLimits,
  PermitRequest,
  StopBudget,
  StoppingNotice,
} from '@worker-recycler/core'
import type { Call } from '../protocol.ts'

/** What the supervisor does at a worker's calls. */
export interface CallHandlers {
  limits(): MemoryLimits
  stopBudget(): StopBudget
  lastExit(): Promise<LastExit | undefined>
  ready(): void
  stopping(notice: StoppingNotice): void
  /** Returns the milliseconds granted. */
  extendStop(ms: number): number
  /** Returns the bytes granted. */
  headroom(request: HeadroomRequest): number
  saveLedger(ledger: Ledger): void
  acquire(request: PermitRequest): boolean
  release(cohort: string, holder: string): void
}

/** Does what a call asks for; resolves with the reply's value. */
export async function answerCall(call: Call, handlers: CallHandlers): Promise<unknown> {
  switch (call.method) {
    case 'limits':
      return handlers.limits()
    case 'stopBudget':
      return handlers.stopBudget()
    case 'lastExit':
      return await handlers.lastExit()
    case 'ready':
      return handlers.ready()
    case 'stopping':
      return handlers.stopping(call.notice)
    case 'extendStop':
      return handlers.extendStop(call.ms)
    case 'headroom':
      return handlers.headroom(call.request)
    case 'saveLedger':
      return handlers.saveLedger(call.ledger)
    case 'acquire':
      return handlers.acquire(call.request)
    case 'release':
      return handlers.release(call.cohort, call.holder)
  }
}
