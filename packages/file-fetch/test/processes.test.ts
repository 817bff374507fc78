import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock } from '@worker-recycler/core/testing'
import { fileQueue } from '@worker-recycler/file-fetch'
import { describe, expect, it } from 'vitest'
import { bundleFixture } from './bundle-fixture.ts'
import { startChild } from './child-worker.ts'
import { directoryOracle } from './directory-oracle.ts'
import { inProcessWorker } from './in-process-worker.ts'
import { scratchDirectory } from './scratch-directory.ts'

const bundle = await bundleFixture('worker')
const entered = (id: string) => (event: { event: string; id?: string }) =>
  event.event === 'entered' && event.id === id

describe('a worker killed by SIGKILL', () => {
  it('loses nothing: the death notice puts back what it held', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const ids = (
      await queue.enqueueMany([1, 2, 3].map(() => ({ name: 'paint', payload: 'hold' })))
    ).map(({ id }) => id)
    const child = await startChild(bundle, { options: { dir } })
    for (const id of ids) await child.until(entered(id))
    expect(directoryOracle(dir).held(child.identity)).toEqual(ids)
    await child.kill()
    expect(directoryOracle(dir).held(child.identity)).toEqual(ids)
    const { recovered } = await queue.recover({ identity: child.identity, cause: 'signal' })
    expect(recovered.map(({ id, to }) => [id, to])).toEqual(ids.map((id) => [id, 'queue']))
    expect(await queue.jobs('ready')).toMatchObject(
      ids.map((id) => ({ id, interruptions: 1, lastCause: 'signal', suspect: false })),
    )
    expect(directoryOracle(dir).names('workers')).toEqual([])
    expect(directoryOracle(dir).names('recovering')).toEqual([])
  })

  it('is found by the next worker that starts, without any notice', async () => {
    const dir = scratchDirectory()
    const { id } = await fileQueue({ dir }).enqueue('paint', 'hold')
    const child = await startChild(bundle, { options: { dir } })
    await child.until(entered(id))
    await child.kill()
    const next = inProcessWorker({ dir })
    await next.start()
    await next.until(() => next.runs.length === 1)
    expect(next.runs[0]?.context.delivery).toEqual({
      count: 2,
      interruptions: 1,
      lastCause: 'unknown',
    })
  })

  it('is found by a sweep, which leaves the supervisor time for a notice with the cause', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock({ epochMs: Date.now() })
    const queue = fileQueue({ dir })
    const noticed = await queue.enqueue('paint', 'hold')
    const first = await startChild(bundle, { options: { dir, concurrency: 1 } })
    await first.until(entered(noticed.id))
    const swept = await queue.enqueue('paint', 'hold')
    const second = await startChild(bundle, { options: { dir, concurrency: 1 } })
    await second.until(entered(swept.id))
    const sweeping = inProcessWorker({ dir, clock })
    await sweeping.start()
    await first.kill()
    await second.kill()

    // The first look only marks them; it is over when it has set the timer of the next one.
    const { pending } = clock
    await clock.advance(10_000)
    while (clock.pending < pending) await clock.advance(0)
    expect(directoryOracle(dir).held(first.identity)).toEqual([noticed.id])
    await queue.recover({ identity: first.identity, cause: 'memory' })
    while (sweeping.runs.length < 2) {
      for (const run of sweeping.runs) run.finish()
      await clock.advance(500)
    }
    const causes = new Map(
      sweeping.runs.map(({ job, context }) => [job.id, context.delivery.lastCause]),
    )
    expect(causes).toEqual(
      new Map([
        [noticed.id, 'memory'],
        [swept.id, 'unknown'],
      ]),
    )
  })

  it('is not replaced by guesses: a job that kills runs three times, then is put aside', async () => {
    const dir = scratchDirectory()
    const log = join(dir, 'log')
    const queue = fileQueue({ dir })
    const { id } = await queue.enqueue('paint', 'kill')
    for (let round = 0; round < 3; round += 1) {
      const child = await startChild(bundle, { options: { dir }, log })
      expect((await child.exited).signal).toBe('SIGKILL')
      await queue.recover({ identity: child.identity, cause: 'crash' })
    }
    expect(
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('run')),
    ).toHaveLength(3)
    expect(await queue.quarantine.list()).toMatchObject([{ id, interruptions: 3 }])
    await queue.quarantine.release(id)
    expect(await queue.jobs('ready')).toMatchObject([{ id, interruptions: 0 }])
  })
})

describe('a worker stopped by SIGSTOP', () => {
  it('is not judged dead by anybody', async () => {
    const dir = scratchDirectory()
    const { id } = await fileQueue({ dir }).enqueue('paint', 'hold')
    const child = await startChild(bundle, { options: { dir } })
    await child.until(entered(id))
    child.child.kill('SIGSTOP')
    expect((await fileQueue({ dir }).recover()).recovered).toEqual([])
    expect(directoryOracle(dir).held(child.identity)).toEqual([id])
  })

  it('changes nothing when it was declared dead and goes on, and leaves', async () => {
    const dir = scratchDirectory()
    const log = join(dir, 'log')
    const queue = fileQueue({ dir })
    const oracle = directoryOracle(dir)
    const { id } = await queue.enqueue('paint', 'hold')
    const zombie = await startChild(bundle, { options: { dir, concurrency: 2 }, log })
    await zombie.until(entered(id))
    zombie.child.kill('SIGSTOP')
    await queue.recover({ identity: zombie.identity, cause: 'unknown' })
    const { id: later } = await queue.enqueue('paint', 'hold')
    zombie.tell({ do: 'finish', id })
    zombie.child.kill('SIGCONT')
    expect(await zombie.exited).toEqual({ code: 3, signal: null })
    expect(zombie.events).toContainEqual({ event: 'failed', code: 'FENCED' })
    expect(zombie.events).not.toContainEqual({ event: 'settled', id, outcome: 'completed' })
    expect(oracle.ids('queues', 'default', 'ready')).toEqual([id, later])
    expect(oracle.names('working')).toEqual([])
    expect(oracle.names('workers')).toEqual([])

    const heir = inProcessWorker({ dir, auto: true })
    await heir.start()
    await heir.until(() => heir.settled.length === 2)
    expect(oracle.copies()).toEqual(
      new Map([
        [id, 1],
        [later, 1],
      ]),
    )
    expect(readFileSync(log, 'utf8')).not.toMatch(/^completed/m)
  })
})
