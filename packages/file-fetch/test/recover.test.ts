import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, renameSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecoverReport } from '@worker-recycler/core'
import { fileQueue } from '@worker-recycler/file-fetch'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundleFixture } from './bundle-fixture.ts'
import { type DeadWorker, deadWorker } from './dead-worker.ts'
import { directoryOracle } from './directory-oracle.ts'
import { inProcessWorker } from './in-process-worker.ts'

const recoverer = await bundleFixture('recoverer')

/** Each job is back exactly once, with the history that a death by memory among several leaves. */
async function expectRecovered({ dir, queue, ids }: DeadWorker, cause = 'memory'): Promise<void> {
  const oracle = directoryOracle(dir)
  expect(oracle.ids('queues', 'default', 'ready')).toEqual(ids)
  expect(oracle.copies()).toEqual(new Map(ids.map((id) => [id, 1])))
  const histories = (await queue.jobs('ready')).map((job) => ({
    interruptions: job.interruptions,
    lastCause: job.lastCause,
    suspect: job.suspect,
  }))
  const history = { interruptions: 1, lastCause: cause, suspect: cause === 'memory' }
  expect(histories).toEqual(ids.map(() => history))
  for (const folder of ['working', 'recovering', 'workers'])
    expect(oracle.names(folder)).toEqual([])
}

/** Two of a dead worker's jobs were not blamed: `b0` of their file names. */
const blames = (dir: string) =>
  directoryOracle(dir)
    .names('queues', 'default', 'ready')
    .map((name) => /i\d+b(\d+)/.exec(name)?.[1])

describe('a recovery that was killed', () => {
  it('after it had declared the worker dead, is finished with its cause', async () => {
    const dead = await deadWorker(2)
    writeFileSync(join(dead.dir, 'fenced', `${dead.encoded}=memory`), '')
    await dead.queue.recover()
    await expectRecovered(dead)
  })

  it('after it had taken the directory away, is finished with its cause', async () => {
    const dead = await deadWorker(2)
    const recovering = join(dead.dir, 'recovering', `${dead.encoded}=memory`)
    renameSync(join(dead.dir, 'working', dead.encoded), recovering)
    await dead.queue.recover({ identity: dead.identity, cause: 'unknown' })
    await expectRecovered(dead)
    expect(blames(dead.dir)).toEqual(['0', '0'])
  })

  it('after it had moved all but one, still knows that there were several', async () => {
    const dead = await deadWorker(2)
    const recovering = join(dead.dir, 'recovering', `${dead.encoded}=memory=2`)
    renameSync(join(dead.dir, 'working', dead.encoded), recovering)
    const [first = ''] = readdirSync(recovering).toSorted()
    renameSync(
      join(recovering, first),
      join(dead.dir, 'queues/default/ready', first.replace('f0i0b0', 'f0i1b0.memory.suspect')),
    )
    const { recovered } = await dead.queue.recover()
    expect(recovered.map(({ id }) => id)).toEqual([dead.ids[1]])
    await expectRecovered(dead)
    expect(blames(dead.dir)).toEqual(['0', '0'])
  })

  it('after it had moved all, is only tidied up', async () => {
    const dead = await deadWorker(0)
    renameSync(
      join(dead.dir, 'working', dead.encoded),
      join(dead.dir, 'recovering', `${dead.encoded}=memory=2`),
    )
    expect((await dead.queue.recover()).recovered).toEqual([])
    await expectRecovered(dead)
  })

  it('before it had removed the record, is only tidied up', async () => {
    const dead = await deadWorker(0)
    writeFileSync(join(dead.dir, 'fenced', `${dead.encoded}=memory`), '')
    await dead.queue.recover()
    await expectRecovered(dead)
  })

  it('is finished by the next worker that starts', async () => {
    const dead = await deadWorker(1)
    renameSync(
      join(dead.dir, 'working', dead.encoded),
      join(dead.dir, 'recovering', `${dead.encoded}=crash`),
    )
    const worker = inProcessWorker({ dir: dead.dir })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    expect(worker.runs[0]?.context.delivery.lastCause).toBe('crash')
  })

  it('by its signal, goes no further, and is finished by the next', async () => {
    const dead = await deadWorker(50)
    const stop = new AbortController()
    const ready = watch(join(dead.dir, 'queues/default/ready'), () => stop.abort(new Error('Late')))
    onTestFinished(() => ready.close())
    const first = dead.queue.recover(
      { identity: dead.identity, cause: 'memory' },
      { signal: stop.signal },
    )
    // Whether the watch was quick enough does not matter to what must hold.
    const early = await first.catch(() => ({ recovered: [] }))
    const rest = await dead.queue.recover({ identity: dead.identity, cause: 'stop' })
    expect(early.recovered.length + rest.recovered.length).toBeLessThanOrEqual(50)
    await expectRecovered(dead)
  })

  it('at any moment, loses and doubles nothing', async () => {
    let halfWay = 0
    for (let round = 0; round < 15; round += 1) {
      const dead = await deadWorker(120)
      const child = await startRecoverer(dead.dir)
      const exited = once(child, 'exit')
      // From the fence, by way of every share of the jobs, to the end.
      let left = round * 6
      const watched = round === 0 ? 'fenced' : 'queues/default/ready'
      const watcher = watch(join(dead.dir, watched), () => {
        left -= 1
        if (left <= 0) child.kill('SIGKILL')
      })
      child.on('message', () => child.disconnect())
      child.send({ identity: dead.identity, cause: 'memory' })
      await exited
      watcher.close()
      const open = directoryOracle(dead.dir).held(dead.identity).length
      if (open > 0 && open < 120) halfWay += 1
      expect(directoryOracle(dead.dir).copies()).toEqual(new Map(dead.ids.map((id) => [id, 1])))
      // A sweep of somebody who does not know the cause.
      await dead.queue.recover()
      await expectRecovered(dead)
    }
    // Else the rounds tested nothing.
    expect(halfWay).toBeGreaterThan(0)
  })
})

describe('two recoveries at once', () => {
  it('in one process: each job is moved and told once, with one cause for all', async () => {
    for (let round = 0; round < 40; round += 1) {
      const dead = await deadWorker(7)
      const other = fileQueue({ dir: dead.dir })
      const request = { identity: dead.identity }
      const reports = await Promise.all([
        dead.queue.recover({ ...request, cause: 'memory' }),
        other.recover({ ...request, cause: 'memory' }),
        other.recover(),
      ])
      const told = reports.flatMap(({ recovered }) => recovered.map(({ id }) => id))
      expect(told.toSorted()).toEqual(dead.ids.toSorted())
      const causes = new Set((await dead.queue.jobs('ready')).map((job) => job.lastCause))
      expect(causes.size).toBe(1)
      expect(directoryOracle(dead.dir).copies()).toEqual(new Map(dead.ids.map((id) => [id, 1])))
      for (const folder of ['working', 'recovering', 'workers']) {
        expect(directoryOracle(dead.dir).names(folder)).toEqual([])
      }
    }
  })

  it('in two processes: likewise', async () => {
    for (let round = 0; round < 5; round += 1) {
      const dead = await deadWorker(100)
      const children = [await startRecoverer(dead.dir), await startRecoverer(dead.dir)]
      const reports = children.map((child) => once(child, 'message'))
      for (const child of children) child.send({ identity: dead.identity, cause: 'memory' })
      const told = (await Promise.all(reports)).flatMap(([report]) =>
        (report as RecoverReport).recovered.map(({ id }) => id),
      )
      expect(told.toSorted()).toEqual(dead.ids.toSorted())
      await expectRecovered(dead)
    }
  })
})

describe('what a dead worker held', () => {
  it('goes on when one of it is no job', async () => {
    const dead = await deadWorker(2)
    writeFileSync(join(dead.dir, 'working', dead.encoded, 'core.1234'), 'not a job')
    mkdirSync(join(dead.dir, 'working', dead.encoded, 'folder'))
    await dead.queue.recover({ identity: dead.identity, cause: 'memory' })
    await expectRecovered(dead)
    expect(directoryOracle(dead.dir).names('malformed')).toHaveLength(2)
    expect(blames(dead.dir)).toEqual(['0', '0'])
  })

  it('is left to a notice when its record cannot be read', async () => {
    const dead = await deadWorker(1)
    writeFileSync(join(dead.dir, 'workers', `${dead.encoded}.json`), '{"version":1,"iden')
    expect((await dead.queue.recover()).recovered).toEqual([])
    expect((await dead.queue.status()).workers).toMatchObject([
      { identity: dead.identity, liveness: 'unknown', jobs: [{ id: dead.ids[0] }] },
    ])
    await dead.queue.recover({ identity: dead.identity, cause: 'signal' })
    await expectRecovered(dead, 'signal')
  })

  it('is found by the invocation, written as a UUID or not', async () => {
    const dead = await deadWorker(1)
    const invocation = dead.identity.split(':')[2] ?? ''
    const dashed = `${invocation.slice(0, 4)}-${invocation.slice(4)}`
    const { recovered } = await dead.queue.recover({ invocation: dashed, cause: 'signal' })
    expect(recovered.map(({ id }) => id)).toEqual(dead.ids)
  })
})

async function startRecoverer(dir: string): Promise<ChildProcess> {
  const child = fork(recoverer, [dir], { execArgv: [] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}
