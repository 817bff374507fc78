import type { Fleet } from '../fleet.ts'

/**
 * Notes that a queue has a job that is due at that time, and wakes the keeper if nothing of that queue
 * is due earlier. Should it be lost, the keeper finds the job on its rounds.
 */
export async function noteDue(
  { driver, layout }: Fleet,
  queue: string,
  epochMs: number,
): Promise<void> {
  const { due, keeperBell } = layout.fleet
  const at = Math.round(epochMs)
  const [changed] = await driver.send([['ZADD', due, 'LT', 'CH', at, queue]])
  if (changed === 1) await driver.send([['ZADD', keeperBell, 0, '1']])
}
