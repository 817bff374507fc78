/** One earlier recycle, carried from process to process for the breaker and "recycling does not help". */
export interface PastRecycle {
  readonly atEpochMs: number
  /** Which monitor and metric the two figures are of. */
  readonly series?: string
  /** Memory in use at the verdict. */
  readonly beforeBytes: number
  /** Memory in use in the successor once it was warm; unknown until then. */
  readonly afterBytes?: number
}
