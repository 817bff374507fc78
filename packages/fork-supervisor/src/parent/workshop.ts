import type { OomKills } from '../death/oom-kills.ts'
import type { Emit } from '../events.ts'
import type { Guard } from '../guard/guard.ts'
import type { MemoryReader } from '../memory/read-memory.ts'
import type { PermitDesk } from '../permit/permit-desk.ts'
import type { ResolvedOptions } from '../resolve-options.ts'

/** What all workers of one supervisor share. */
export interface Workshop {
  readonly options: ResolvedOptions
  readonly emit: Emit
  readonly desk: PermitDesk
  readonly guard: Guard | undefined
  readonly oomKills: OomKills
  readonly read: MemoryReader
  /** A number in [0, 1), for jitter. */
  readonly random: () => number
}
