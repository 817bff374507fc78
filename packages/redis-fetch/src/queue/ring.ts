import type { Command } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import type { Layout } from '../layout/layout.ts'

/**
 * Wakes one waiting worker for each queue. A bell is a sorted set of one member: ringing twice is as
 * ringing once, and a worker that is blocked on it takes it away. It holds no job: one that is lost
 * costs time until the keeper's next round, and nothing else.
 */
export async function ring({ driver, layout }: Fleet, queues: Iterable<string>): Promise<void> {
  await driver.send(rings(layout, queues))
}

/** The same as commands, to go with others. */
export function rings(layout: Layout, queues: Iterable<string>): Command[] {
  return Array.from(queues, (queue): Command => ['ZADD', layout.fleet.bell(queue), 0, '1'])
}

/** Asks one worker to let its jobs end, and then to run a job alone. */
export async function ringForSuspects({ driver, layout }: Fleet, queue: string): Promise<void> {
  await driver.send([['ZADD', layout.fleet.suspectBell(queue), 0, '1']])
}
