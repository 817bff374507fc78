import { readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { fileQueue } from '@worker-recycler/file-fetch'
import { expect, it, onTestFinished } from 'vitest'
import { bundleFixture } from './bundle-fixture.ts'
import { type ChildWorker, startChild } from './child-worker.ts'
import { directoryOracle } from './directory-oracle.ts'
import { scratchDirectory } from './scratch-directory.ts'

const bundle = await bundleFixture('worker')
const JOBS = 500
const WORKERS = 5
const KILLS = 12

/** What the jobs themselves wrote, line by line in the order of the appends. */
function readLog(log: string) {
  return readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [what = '', id = '', by = ''] = line.split(' ')
      return { what, id, by }
    })
}

function countById(lines: readonly { id: string }[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { id } of lines) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

it(`${WORKERS} workers, ${JOBS} jobs, ${KILLS} of SIGKILL: lost 0, completed twice 0`, async () => {
  const dir = scratchDirectory()
  const log = join(dir, 'log')
  const queue = fileQueue({ dir, fsync: 'none', maxInterruptions: 1000 })
  const jobs = Array.from({ length: JOBS }, (_, n) => ({ name: 'paint', payload: { ms: n % 9 } }))
  const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id)
  const killed = new Set<string>()
  const options = { dir, concurrency: 4, keepCompleted: Infinity, maxInterruptions: 1000 }

  const over = allCompleted(dir, JOBS)
  let lastKilled = () => {}
  const allKilled = new Promise<void>((resolve) => {
    lastKilled = resolve
  })

  // Every worker but the last of its line is killed after so many jobs of its own; its successor
  // comes after the death notice. The last ones work off the rest, so the others never run dry.
  const line = async (lives: number, number: number): ChildWorker['exited'] => {
    for (let life = 0; life < lives; life += 1) {
      const worker = await startChild(bundle, { options, log })
      await entered(worker, 3 + ((life * 7 + number * 5) % 11))
      await worker.kill()
      killed.add(worker.identity)
      await queue.recover({ identity: worker.identity, cause: 'signal' })
    }
    if (killed.size === KILLS) lastKilled()
    await allKilled
    const worker = await startChild(bundle, { options, log })
    await over
    worker.tell({ do: 'stop' })
    return worker.exited
  }
  const ends = await Promise.all(
    Array.from({ length: WORKERS }, (_, n) => line(Math.ceil((KILLS - n) / WORKERS), n)),
  )

  const lines = readLog(log)
  expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })))
  const done = countById(lines.filter(({ what }) => what === 'done'))
  const completed = countById(lines.filter(({ what }) => what === 'completed'))
  const copies = directoryOracle(dir).copies()
  expect(killed.size).toBe(KILLS)
  expect(ids.filter((id) => !done.has(id))).toEqual([])
  expect(copies).toEqual(new Map(ids.map((id) => [id, 1])))
  expect(directoryOracle(dir).ids('completed').toSorted()).toEqual(ids.toSorted())
  expect([...completed].filter(([, times]) => times > 1)).toEqual([])
  // A second run follows only on a run that was cut off.
  for (const id of ids) {
    const runs = lines.filter((each) => each.what === 'run' && each.id === id)
    expect(runs.slice(0, -1).filter(({ by }) => !killed.has(by))).toEqual([])
  }
  expect(directoryOracle(dir).names('workers')).toEqual([])
})

function entered(worker: ChildWorker, jobs: number): Promise<void> {
  let left = jobs
  return new Promise((resolve) => {
    worker.onEvent(({ event }) => {
      if (event === 'entered' && (left -= 1) === 0) resolve()
    })
  })
}

/** Resolves when so many jobs lie in `completed`. */
function allCompleted(dir: string, jobs: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (directoryOracle(dir).names('completed').length === jobs) resolve()
    }
    const watcher = watch(join(dir, 'completed'), look)
    onTestFinished(() => watcher.close())
    look()
  })
}
