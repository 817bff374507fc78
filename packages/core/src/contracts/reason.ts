/** Why something was done, delayed or refused. */
export interface Reason {
  /** Stable, for dashboards and alerts; the message is not. */
  readonly code: string
  /** One sentence for people. */
  readonly message: string
}
