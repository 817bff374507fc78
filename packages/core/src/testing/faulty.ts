import type { Clock } from '../process/clock.ts'
import { sleep } from '../process/sleep.ts'

/** What is wrong with a member of an adapter. */
export type Fault =
  /** It begins only after this time. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** It throws or rejects. */
  | { readonly kind: 'fail'; readonly error?: Error }
  /** It never ends, or ends only when its signal aborts. */
  | { readonly kind: 'hang'; readonly until: 'abort' | 'never' }

/** The names of an adapter's methods. */
export type MemberName<T> = {
  [Key in keyof T & string]: NonNullable<T[Key]> extends (...args: never[]) => unknown ? Key : never
}[keyof T & string]

/** Faults by member. */
export type Faults<T> = { readonly [Key in MemberName<T>]?: Fault }

/** An adapter with faults, and the switch for them. */
export interface Faulty<T> {
  /** Behaves as the adapter that was given, but for its faults. */
  readonly adapter: T
  /** Puts the faults in force, or others in their place. */
  readonly down: (faults?: Faults<T>) => void
  /** Takes all faults away. Calls that hang already go on hanging. */
  readonly up: () => void
}

/** Members of the contracts that answer at once: they can fail, but neither be slow nor hang. */
const SYNCHRONOUS: ReadonlySet<string> = new Set(['inFlight', 'abort', 'throttle', 'judge', 'plan'])

/** Members of the contracts that give an async iterable: they meet their fault at each item. */
const ITERABLE: ReadonlySet<string> = new Set(['watch', 'requests'])

/**
 * Wraps an adapter so that members of it are slow, fail or hang: to test whatever uses it. The faults
 * are in force from the beginning; `up()` takes them away. Faults of an enforcer's host side are given
 * to `faulty(enforcer.host, ...)`.
 */
export function faulty<T extends object>(
  adapter: T,
  faults: Faults<T>,
  options: { readonly clock: Clock },
): Faulty<T> {
  assertPossible(faults)
  let given = faults
  let inForce: Readonly<Record<string, Fault | undefined>> = faults

  const proxy = new Proxy(adapter, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function' || typeof key !== 'string') return member
      const call = (args: readonly unknown[]): unknown => Reflect.apply(member, target, args)
      const meet = (args: readonly unknown[]) =>
        meetFault(inForce[key], key, signalOf(args), options.clock)
      return (...args: readonly unknown[]) => {
        if (ITERABLE.has(key)) {
          return iterate(
            () => call(args) as AsyncIterable<unknown>,
            () => meet(args),
            signalOf(args),
          )
        }
        const fault = inForce[key]
        if (fault === undefined) return call(args)
        if (SYNCHRONOUS.has(key)) throw failureOf(fault, key)
        return meet(args).then(() => call(args))
      }
    },
  })
  return {
    adapter: proxy,
    down: (next = given) => {
      assertPossible(next)
      given = next
      inForce = next
    },
    up: () => {
      inForce = {}
    },
  }
}

function assertPossible(faults: Readonly<Record<string, Fault | undefined>>): void {
  for (const [member, fault] of Object.entries(faults)) {
    if (fault === undefined || fault.kind === 'fail' || !SYNCHRONOUS.has(member)) continue
    throw new TypeError(
      `Expected the fault of \`${member}\` to be of kind "fail", as it is synchronous, got "${fault.kind}"`,
    )
  }
}

function failureOf(fault: Fault, member: string): Error {
  const error = fault.kind === 'fail' ? fault.error : undefined
  return error ?? new Error(`[faulty] ${member}() failed, as it was told to`)
}

async function meetFault(
  fault: Fault | undefined,
  member: string,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  if (fault === undefined) return
  if (fault.kind === 'fail') throw failureOf(fault, member)
  if (fault.kind === 'slow') await sleep(fault.ms, clock, signal)
  else await new Promise<void>((resolve) => onAbort(fault.until === 'abort', signal, resolve))
  if (!ITERABLE.has(member)) signal.throwIfAborted()
}

function onAbort(listens: boolean, signal: AbortSignal, callback: () => void): void {
  if (!listens) return
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback, { once: true })
}

/** The fault is met before the first item, and again between each later item and its reader. */
async function* iterate(
  open: () => AsyncIterable<unknown>,
  meet: () => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  await meet()
  let first = true
  for await (const item of open()) {
    if (!first) await meet()
    if (signal.aborted) return
    first = false
    yield item
  }
}

/** The signal in the last argument, as the contracts have it. */
function signalOf(args: readonly unknown[]): AbortSignal {
  const last = args.at(-1)
  const signal: unknown =
    typeof last === 'object' && last !== null ? Reflect.get(last, 'signal') : undefined
  return signal instanceof AbortSignal ? signal : new AbortController().signal
}
