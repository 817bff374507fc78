/** Where a monitor hears from. */
export type SourceName =
  /** `$MEMORY_PRESSURE_WATCH`, as systemd sets it. */
  | 'systemd-watch'
  /** Counters of `memory.events`, with file-modified events. */
  | 'memory-events'
  /** The `total` of the cgroup's `memory.pressure`, polled. */
  | 'stall-total'
  /** A trigger in that file. */
  | 'stall-trigger'
  /** The host's `/proc/pressure/memory`: context. */
  | 'host-pressure'
  /** Memory in use, and what limits it. */
  | 'usage'
  /** This process alone, beside its cgroup. */
  | 'process'
  /** V8's heap. */
  | 'heap'

/** What became of a source. */
export interface SourceReport {
  readonly source: SourceName
  /**
   * `live`: it is used. `off`: it was not wanted, or would gain nothing. `refused`: it could not be
   * had. `ended`: it was live until its cgroup or process was gone.
   */
  readonly state: 'live' | 'off' | 'refused' | 'ended'
  /** One sentence for people: what is read, or why not, and what that means. */
  readonly sentence: string
  /** The file, where there is one. */
  readonly path?: string
}

/** A source that is open. */
export interface OpenSource {
  readonly close: () => void
}

/** How opening a source went. */
export type Opening<S extends OpenSource> =
  | {
      readonly state: 'live'
      readonly source: S
      readonly sentence: string
      readonly path?: string
    }
  | { readonly state: 'off' | 'refused'; readonly sentence: string; readonly path?: string }
