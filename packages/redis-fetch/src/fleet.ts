import type { Clock, Logger } from '@worker-recycler/core'
import type { Driver } from './driver/driver.ts'
import type { Layout } from './layout/layout.ts'

/** What everything that deals with the jobs on a server needs. */
export interface Fleet {
  readonly driver: Driver
  readonly layout: Layout
  readonly clock: Clock
  readonly logger: Logger
}
