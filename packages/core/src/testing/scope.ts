import { randomUUID } from 'node:crypto'
import type { Patience } from './patience.ts'

/** What every test bed may have. */
export interface TestBed {
  /** Called before the rule. */
  setUp?(): void | Promise<void>
  /** Called after the rule. */
  tearDown?(): void | Promise<void>
}

/** How a contract suite reaches the adapter under test. */
export interface Harness<Bed extends TestBed> extends Patience {
  /**
   * Makes what one rule plays with. `scope` is a fresh name: of a folder, a unit, or a key prefix.
   * Touches nothing before `setUp`.
   */
  create(scope: string): Bed
}

/** Runs a rule in a scope of its own. */
export async function inScope<Bed extends TestBed>(
  harness: Harness<Bed>,
  rule: (bed: Bed) => void | Promise<void>,
): Promise<void> {
  const bed = harness.create(`contract-${randomUUID()}`)
  await bed.setUp?.()
  try {
    await rule(bed)
  } finally {
    await bed.tearDown?.()
  }
}
