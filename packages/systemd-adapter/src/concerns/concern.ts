import type { SystemdFacts } from '../host/facts.ts'
import type { Features } from '../host/features.ts'
import type { SystemdRequest } from '../host/request.ts'

/** One assignment that a drop-in makes. */
export interface Setting {
  readonly section: 'Unit' | 'Service'
  readonly key: string
  readonly value: string
}

/** What the text of a concern depends on. */
export interface ConcernInput {
  readonly request: SystemdRequest
  readonly facts: SystemdFacts
  readonly features: Features
}

/** What one concern wants to be written, and what it had to leave out. */
export interface Wanted {
  readonly settings: readonly Setting[]
  /** In sentences, e.g. that cgroup v1 knows no `MemoryHigh=`. */
  readonly dropped: readonly string[]
}

/** Nothing is wanted. */
export const NOTHING: Wanted = { settings: [], dropped: [] }
