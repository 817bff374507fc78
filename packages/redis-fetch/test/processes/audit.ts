import { expect } from 'vitest'
import { everyJob } from './every-job.ts'
import type { TestFleet } from './test-fleet.ts'

/**
 * Judges by what the jobs wrote and by what lies on the server: every job was done, its end was made
 * durable once at most by those who lived to write it down, and a second run followed only on a run that
 * a kill had cut off. Nothing is left, and nobody is registered.
 */
export async function expectAllDoneOnce(
  fleet: TestFleet,
  ids: readonly string[],
  killed: ReadonlySet<string>,
): Promise<void> {
  const { log, raw, prefix, oracle } = fleet
  const done = log.ids('done')
  expect(ids.filter((id) => !done.has(id))).toEqual([])
  expect(log.lines('fenced')).toEqual([])
  expect(log.lines('failed')).toEqual([])
  const times = new Map<string, number>()
  for (const { id } of log.lines('completed')) times.set(id, (times.get(id) ?? 0) + 1)
  expect([...times].filter(([, count]) => count > 1)).toEqual([])
  const last = new Map(log.lines('run').map((run) => [run.id, run]))
  const repeated = log.lines('run').filter((run) => last.get(run.id) !== run)
  expect(repeated.filter(({ by }) => !killed.has(by))).toEqual([])
  expect(await everyJob(raw, prefix)).toEqual(new Map())
  expect(await oracle.registered()).toEqual([])
}
