import type { Figure } from './figure.ts'
import type { Table } from './table.ts'

/** What one benchmark found. */
export interface Findings {
  readonly figures: readonly Figure[]
  /** What is no figure beside a target: costs of many sizes, say. */
  readonly tables?: readonly Table[]
  /** Sentences a reader of the figures must know, such as what was skipped and why. */
  readonly notes?: readonly string[]
}

/** One benchmark: measures its figures, and says on the way what it is at. */
export interface Benchmark {
  /** One line for `--help`. */
  readonly about: string
  run(progress: (line: string) => void): Promise<Findings>
}
