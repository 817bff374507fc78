/** How much memory grew with one kind of job: an estimate. */
export interface JobGrowth {
  readonly name: string
  /** Estimated growth for each run. */
  readonly bytesPerRun: number
  /** Estimated growth by all runs. */
  readonly totalBytes: number
  readonly runs: number
}
