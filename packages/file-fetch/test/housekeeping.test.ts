import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createIdentity } from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { fileQueue } from '@worker-recycler/file-fetch'
import { describe, expect, it } from 'vitest'
import { advanceUntil } from './advance-until.ts'
import { directoryOracle } from './directory-oracle.ts'
import { abortReason, inProcessWorker } from './in-process-worker.ts'
import { scratchDirectory } from './scratch-directory.ts'

describe('what is no job', () => {
  it('is moved aside as it is, and its siblings go on', async () => {
    const dir = scratchDirectory()
    const outside = join(scratchDirectory(), 'precious.json')
    writeFileSync(outside, 'precious')
    const queue = fileQueue({ dir })
    const { id } = await queue.enqueue('paint', 1)
    const ready = join(dir, 'queues/default/ready')
    const jobName = (key: string) => `1767225600000-0000~${key}~paint~default~f0i0b0.json`
    writeFileSync(join(ready, 'README'), 'hello')
    writeFileSync(join(ready, '.hidden'), 'left alone')
    writeFileSync(Buffer.from(`${ready}/latin-\xE9`, 'latin1'), 'not UTF-8')
    writeFileSync(join(ready, jobName('cut')), '{"version":1,"payl')
    writeFileSync(join(ready, jobName('bare')), '{"version":1}')
    writeFileSync(join(ready, jobName('null')), 'null')
    writeFileSync(join(ready, jobName('next')), '{"version":2,"payload":1}')
    writeFileSync(join(ready, jobName('large')), Buffer.alloc(16 * 1024 * 1024 + 1, 0x20))
    mkdirSync(join(ready, jobName('folder')))
    symlinkSync(outside, join(ready, jobName('link')))
    const worker = inProcessWorker({ dir, auto: true })
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    await worker.until(() => worker.logged.length >= 9)
    expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
    expect(worker.failures).toEqual([])
    expect(directoryOracle(dir).names('malformed')).toHaveLength(9)
    expect(directoryOracle(dir).names('queues', 'default', 'ready')).toEqual(['.hidden'])
    expect(readFileSync(outside, 'utf8')).toBe('precious')
    expect(worker.logged.map(({ message }) => message)).toContain(
      'moved a malformed file out of the queue',
    )
    expect((await queue.status()).malformed).toBe(9)
  })
})

describe('housekeeping', () => {
  it('keeps the newest completed jobs', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir, fsync: 'none' })
    const jobs = Array.from({ length: 100 }, (_, payload) => ({ name: 'paint', payload }))
    const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id)
    const worker = inProcessWorker({ dir, auto: true, concurrency: 1, keepCompleted: 5 })
    await worker.start()
    await worker.until(() => worker.settled.length === 100)
    await worker.stop()
    const next = inProcessWorker({ dir, keepCompleted: 5 })
    await next.start()
    expect(directoryOracle(dir).ids('completed')).toEqual(ids.slice(-5))
  })

  it('goes on when the queue was removed by hand under a waiting and under a running job', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock()
    const queue = fileQueue({ dir, clock })
    await queue.enqueue('paint', 1)
    const worker = inProcessWorker({ dir, clock })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    rmSync(join(dir, 'queues'), { recursive: true })
    rmSync(join(dir, 'completed'), { recursive: true })
    worker.runs[0]?.finish()
    await worker.until(() => worker.settled.length === 1)
    expect(directoryOracle(dir).names('completed')).toHaveLength(1)
    await queue.enqueue('paint', 2)
    await advanceUntil(clock, () => worker.runs.length === 2)
  })

  it('refuses an identity that is in use, or was declared dead', async () => {
    const dir = scratchDirectory()
    const identity = createIdentity()
    await inProcessWorker({ dir, identity }).start()
    await expect(inProcessWorker({ dir, identity }).start()).rejects.toMatchObject({
      code: 'FENCED',
    })
    const declared = createIdentity()
    await fileQueue({ dir }).recover({ identity: declared, cause: 'memory' })
    await expect(inProcessWorker({ dir, identity: declared }).start()).rejects.toMatchObject({
      code: 'FENCED',
      message: expect.stringContaining(declared),
    })
    expect(directoryOracle(dir).names('workers')).toHaveLength(1)
  })

  it('gives back its registration, unless it holds jobs', async () => {
    const dir = scratchDirectory()
    const idle = inProcessWorker({ dir })
    await idle.start()
    await idle.stop()
    expect(directoryOracle(dir).names('workers')).toEqual([])
    expect(directoryOracle(dir).names('working')).toEqual([])
    await fileQueue({ dir }).enqueue('paint', 1)
    const busy = inProcessWorker({ dir })
    await busy.start()
    await busy.until(() => busy.runs.length === 1)
    await busy.source.stop({ signal: new AbortController().signal })
    expect(directoryOracle(dir).names('workers')).toHaveLength(1)
    expect(directoryOracle(dir).held(busy.identity)).toHaveLength(1)
  })

  it('calls a job that was removed by hand while it ran fenced, and goes on', async () => {
    const dir = scratchDirectory()
    const { id } = await fileQueue({ dir }).enqueue('paint', 1)
    const worker = inProcessWorker({ dir })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    const [stored] = await fileQueue({ dir }).jobs('working')
    renameSync(stored?.path ?? '', join(dir, 'elsewhere'))
    worker.source.abort(worker.lease(id), abortReason())
    worker.runs[0]?.finish()
    await worker.until(() => worker.settled.length === 1)
    expect(worker.settled).toEqual([{ id, outcome: 'fenced' }])
    expect(worker.failures).toEqual([])
    expect(existsSync(join(dir, 'elsewhere'))).toBe(true)
  })
})
