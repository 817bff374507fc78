import type {
  HeadroomRequest,
  Ledger,
  PermitRequest,
  Reason,
  StoppingNotice,
  SupervisorRequest,
} from '@worker-recycler/core'

/** Marks our messages among the application's own on the same channel; counts up with the protocol. */
const TAG = 'workerRecyclerFork'
const VERSION = 1

/** The exit code by which a worker says that it recycled itself (`EX_TEMPFAIL` of sysexits.h). */
export const RECYCLE_EXIT_CODE = 75

/** Holds `1:<pid of the supervisor>:<invocation>` in the environment of every worker. */
export const ENVIRONMENT_KEY = 'WORKER_RECYCLER_FORK'

/** A ledger longer than this, as JSON, is refused: the channel is for small messages. */
const MAX_LEDGER_CHARACTERS = 1_048_576
const MAX_TEXT_CHARACTERS = 1024
const MAX_REASONS = 64

/** What a worker asks of its supervisor; every call is answered. */
export type Call =
  | { readonly method: 'limits' | 'stopBudget' | 'lastExit' | 'ready' }
  | { readonly method: 'stopping'; readonly notice: StoppingNotice }
  | { readonly method: 'extendStop'; readonly ms: number }
  | { readonly method: 'headroom'; readonly request: HeadroomRequest }
  | { readonly method: 'saveLedger'; readonly ledger: Ledger }
  | { readonly method: 'acquire'; readonly request: PermitRequest }
  | { readonly method: 'release'; readonly cohort: string; readonly holder: string }

/** What a worker knows of its own memory. */
export interface MemoryReport {
  readonly rssBytes: number
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
}

/** Messages from a worker. */
export type FromWorker =
  /** Somebody listens to requests from now on. */
  | { readonly type: 'hello' }
  | { readonly type: 'call'; readonly id: string; readonly call: Call }
  /** A call that makes no sense; somebody waits for an answer all the same. */
  | { readonly type: 'malformed'; readonly id: string }
  /** The application took a request, so its event loop is alive. */
  | { readonly type: 'heard'; readonly kind: SupervisorRequest['kind'] }
  /** The application only observes: it will not recycle as it was asked. */
  | { readonly type: 'declined' }
  | ({ readonly type: 'memory' } & MemoryReport)

/** Messages from the supervisor. */
export type FromSupervisor =
  | { readonly type: 'reply'; readonly id: string; readonly ok: true; readonly value?: unknown }
  | { readonly type: 'reply'; readonly id: string; readonly ok: false; readonly message: string }
  | { readonly type: 'request'; readonly request: SupervisorRequest }

/** Puts the mark on a message. */
export function seal(message: FromWorker | FromSupervisor): object {
  return { [TAG]: VERSION, ...message }
}

/** Reads what a worker sent; undefined when it is not ours or not well formed. */
export function readFromWorker(message: unknown): FromWorker | undefined {
  if (!isSealed(message)) return undefined
  switch (message['type']) {
    case 'hello':
    case 'declined':
      return { type: message['type'] }
    case 'heard': {
      const { kind } = message
      return kind === 'recycle' || kind === 'stop' ? { type: 'heard', kind } : undefined
    }
    case 'memory': {
      const { rssBytes, heapUsedBytes, heapLimitBytes } = message
      if (!isSize(rssBytes) || !isSize(heapUsedBytes) || !isSize(heapLimitBytes)) return undefined
      return { type: 'memory', rssBytes, heapUsedBytes, heapLimitBytes }
    }
    case 'call': {
      const { id } = message
      const call = isRecord(message['call']) ? readCall(message['call']) : undefined
      if (!isText(id)) return undefined
      return call ? { type: 'call', id, call } : { type: 'malformed', id }
    }
    default:
      return undefined
  }
}

/** Reads what the supervisor sent; undefined when it is not ours or not well formed. */
export function readFromSupervisor(message: unknown): FromSupervisor | undefined {
  if (!isSealed(message)) return undefined
  if (message['type'] === 'request') {
    const request = isRecord(message['request']) ? readRequest(message['request']) : undefined
    return request && { type: 'request', request }
  }
  const { id, ok, value, message: text } = message
  if (message['type'] !== 'reply' || !isText(id)) return undefined
  if (ok === true) return { type: 'reply', id, ok, value }
  return ok === false && isText(text) ? { type: 'reply', id, ok, message: text } : undefined
}

function readCall(call: Record<string, unknown>): Call | undefined {
  const { method } = call
  switch (method) {
    case 'limits':
    case 'stopBudget':
    case 'lastExit':
    case 'ready':
      return { method }
    case 'stopping': {
      const notice = isRecord(call['notice']) ? readNotice(call['notice']) : undefined
      return notice && { method, notice }
    }
    case 'extendStop':
      return isSize(call['ms']) ? { method, ms: call['ms'] } : undefined
    case 'headroom': {
      const { bytes, forMs } = isRecord(call['request']) ? call['request'] : {}
      return isSize(bytes) && isSize(forMs) ? { method, request: { bytes, forMs } } : undefined
    }
    case 'saveLedger':
      return isLedger(call['ledger']) ? { method, ledger: call['ledger'] } : undefined
    case 'acquire': {
      const { cohort, max, ttlMs, holder } = isRecord(call['request']) ? call['request'] : {}
      if (!isText(cohort) || !isSize(max) || !isSize(ttlMs) || !isText(holder)) return undefined
      return { method, request: { cohort, max, ttlMs, holder } }
    }
    case 'release': {
      const { cohort, holder } = call
      return isText(cohort) && isText(holder) ? { method, cohort, holder } : undefined
    }
    default:
      return undefined
  }
}

function readNotice(notice: Record<string, unknown>): StoppingNotice | undefined {
  const { leaving, budgetMs } = notice
  const reasons = readReasons(notice['reasons'])
  if (leaving !== 'recycle' && leaving !== 'stop' && leaving !== 'failure') return undefined
  // JSON has no Infinity: a budget without an end arrives as null.
  if (!reasons || !(isSize(budgetMs) || budgetMs === null)) return undefined
  return { leaving, reasons, budgetMs: budgetMs ?? Infinity }
}

function readRequest(request: Record<string, unknown>): SupervisorRequest | undefined {
  const { kind, urgency } = request
  if (kind === 'stop') return { kind }
  const reasons = readReasons(request['reasons'])
  if (kind !== 'recycle' || !reasons || (urgency !== 'soft' && urgency !== 'hard')) return undefined
  return { kind, urgency, reasons }
}

function readReasons(reasons: unknown): readonly Reason[] | undefined {
  if (!Array.isArray(reasons) || reasons.length > MAX_REASONS) return undefined
  const read: Reason[] = []
  for (const reason of reasons as unknown[]) {
    if (!isRecord(reason)) return undefined
    const { code, message } = reason
    if (!isText(code) || typeof message !== 'string') return undefined
    read.push({ code, message: message.slice(0, MAX_TEXT_CHARACTERS) })
  }
  return read
}

/** The supervisor only keeps the ledger; who wrote it reads it again. */
function isLedger(value: unknown): value is Ledger {
  return (
    isRecord(value) &&
    value['version'] === 1 &&
    isText(value['identity']) &&
    JSON.stringify(value).length <= MAX_LEDGER_CHARACTERS
  )
}

function isSealed(message: unknown): message is Record<string, unknown> {
  return isRecord(message) && message[TAG] === VERSION
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_CHARACTERS
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
