/** The version of the contracts in this folder. Core refuses an adapter made for another one. */
export const CONTRACT = 1

/** What every adapter says about itself, as data that core and the contract suites read. */
export interface Adapter<Kind extends string, Supports> {
  /** Which contract the adapter implements. */
  readonly kind: Kind
  /** Names the adapter in events, logs and errors, e.g. `file-fetch`. */
  readonly name: string
  /** The contract's version. */
  readonly contract: typeof CONTRACT
  /** Which optional parts of the contract the adapter has. */
  readonly supports: Readonly<Supports>
}

/** The last parameter of every asynchronous member of an adapter. */
export interface CallOptions {
  /** Aborts when the time for this call is over; core then goes on without its result. */
  readonly signal: AbortSignal
}
