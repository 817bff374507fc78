import type { Figure } from './figure.ts'

/** One benchmark: measures its figures, and says on the way what it is at. */
export interface Benchmark {
  /** One line for `--help`. */
  readonly about: string
  run(progress: (line: string) => void): Promise<readonly Figure[]>
}
