import * as six from 'bullmq'
import * as five from 'bullmq-5'

/** What the tests use of BullMQ: the two versions differ in nothing that matters to them. */
export type Bullmq = Pick<typeof six, 'Worker' | 'Queue'>

/** The versions that the adapter is tested with. */
export const versions: Readonly<Record<'BullMQ 6' | 'BullMQ 5', Bullmq>> = {
  'BullMQ 6': six,
  'BullMQ 5': five as unknown as Bullmq,
}
