import type { Context } from './guest/context.ts'
import type { Facts } from './guest/facts.ts'

/** Checks that belong together. They run in this order, one at a time, as root, inside each machine. */
export interface GuestSuite {
  readonly name: string
  /** Debian packages that the images must hold for it. */
  readonly debianPackages?: readonly string[]
  readonly checks: readonly Check[]
}

/** One thing that must hold on a machine. */
export interface Check {
  readonly name: string
  /** Whether it applies to the machine; otherwise the reason why not. Defaults to true. */
  readonly when?: (facts: Facts) => true | string
  /** Resolves with what was seen, for the table; throws when it does not hold. */
  readonly run: (context: Context) => Promise<string>
  /** After this it counts as hung, and the next one runs. Defaults to 180,000. */
  readonly limitMs?: number
}
