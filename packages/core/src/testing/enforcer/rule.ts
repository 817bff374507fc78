import type { Enforcer } from '../../contracts/enforcer.ts'
import type { EnforcerTestBed } from './test-bed.ts'

/** What a rule of the enforcer contract plays with. */
export interface EnforcerScene {
  readonly bed: EnforcerTestBed
  readonly enforcer: Enforcer
  /** Options of a call for which there is time. */
  readonly options: { readonly signal: AbortSignal }
  /** Waits for a call, with patience. */
  readonly call: <T>(promise: Promise<T> | undefined, what: string) => Promise<T>
}

/** Registers one rule of the enforcer contract; its title is a sentence of the contract. */
export type EnforcerRule = (
  title: string,
  play: (scene: EnforcerScene) => void | Promise<void>,
) => void
