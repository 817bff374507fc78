import { buffersOf, replyOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'

/** The names of all queues that a producer or a worker has ever named. */
export async function knownQueues({
  driver,
  layout,
}: Pick<Fleet, 'driver' | 'layout'>): Promise<string[]> {
  const reply = replyOf(await driver.send([['SMEMBERS', layout.fleet.queues]]))
  return buffersOf(reply).map(String)
}
