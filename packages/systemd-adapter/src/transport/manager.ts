import type { CallOptions } from '@worker-recycler/core'

/** Properties of one unit, as text. */
export type Properties = Readonly<Record<string, string>>

/** The running systemd: the system's manager, or a user's. Everything is rejected with coded errors. */
export interface Manager {
  /** Its own version, e.g. 252: that of `systemctl` may be another. */
  readonly version: (call: CallOptions) => Promise<number>
  /** Units that are loaded and match a shell pattern. */
  readonly list: (pattern: string, call: CallOptions) => Promise<readonly string[]>
  /** Properties of units, in one call however many there are. */
  readonly show: (
    units: readonly string[],
    properties: readonly string[],
    call: CallOptions,
  ) => Promise<ReadonlyMap<string, Properties>>
  readonly reload: (call: CallOptions) => Promise<void>
  /**
   * Restarts a unit if it runs, and resolves when it is up again: as late as the unit's own
   * `TimeoutStopSec=` and `TimeoutStartSec=` let it.
   */
  readonly tryRestart: (unit: string, call: CallOptions) => Promise<void>
  /** Sets values at once, until the next boot (`systemctl set-property --runtime`). */
  readonly setRuntime: (
    unit: string,
    settings: Readonly<Record<string, string>>,
    call: CallOptions,
  ) => Promise<void>
}
