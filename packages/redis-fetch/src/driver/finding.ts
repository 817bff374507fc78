/** Something about a server that whoever runs workers on it should know. */
export interface Finding {
  /** Stable; the message is not. */
  readonly code: FindingCode
  /** `error`: jobs would get lost, or nothing would work. */
  readonly severity: 'error' | 'warning'
  /** One sentence that says what to do. */
  readonly message: string
}

/** Every code of a finding. */
export type FindingCode =
  | 'server_too_old'
  | 'server_unknown'
  | 'eviction'
  | 'replica'
  | 'layout_in_cluster'
  | 'clock_skew'
  /** The ACL user lacks what this package cannot do without. */
  | 'permissions'
  /** The ACL user lacks what is good to have. */
  | 'permissions_optional'
  /** Nobody tells what the ACL user may do. */
  | 'permissions_unknown'
