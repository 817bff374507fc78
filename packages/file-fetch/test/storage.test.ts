import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RecyclerError } from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { fileQueue } from '@worker-recycler/file-fetch'
import { describe, expect, it, onTestFinished } from 'vitest'
import { storageError } from '../src/directory/storage-error.ts'
import { directoryOracle } from './directory-oracle.ts'
import { inProcessWorker } from './in-process-worker.ts'
import { scratchDirectory } from './scratch-directory.ts'

const mount = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' })

/** Why no small file system can be mounted here; undefined when it can. */
function reasonNotToMount(): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs needs Linux'
  const at = join(process.cwd(), 'node_modules')
  if (process.getuid?.() !== 0) return 'mounting a tmpfs needs root'
  const { status, stderr, error } = mount('--fake', '-t', 'tmpfs', 'tmpfs', at)
  return status === 0 ? undefined : `mount: ${error?.message ?? stderr.trim()}`
}
const reason = reasonNotToMount()

/** A file system of 256 KiB, until the end of the test. */
function tinyFileSystem(): string {
  const dir = scratchDirectory()
  const { status, stderr } = mount('-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', dir)
  if (status !== 0) throw new Error(`mount: ${stderr}`)
  onTestFinished(() => void spawnSync('umount', ['--lazy', dir]))
  return dir
}

const remount = (dir: string, mode: 'ro' | 'rw') => {
  const { status, stderr } = mount('-o', `remount,${mode}`, dir)
  if (status !== 0) throw new Error(`remount: ${stderr}`)
}

describe.skipIf(reason)(`a small file system${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('that is full refuses new jobs in one sentence, and works off the old ones', async () => {
    const dir = tinyFileSystem()
    const queue = fileQueue({ dir })
    const worker = inProcessWorker({ dir, auto: true })
    const ids: string[] = []
    const fill = async (): Promise<never> => {
      for (;;) ids.push((await queue.enqueue('paint', 'x'.repeat(3000))).id)
    }
    await expect(fill()).rejects.toMatchObject({
      name: 'RecyclerError',
      code: 'STORAGE_FULL',
      message: expect.stringMatching(/^\[file-fetch\] Cannot enqueue into .*no space.*Make room/),
    })
    expect(ids.length).toBeGreaterThan(10)
    expect(directoryOracle(dir).ids('queues', 'default', 'ready')).toEqual(ids)
    expect(directoryOracle(dir).names('tmp')).toEqual([])
    await expect(inProcessWorker({ dir }).start()).rejects.toMatchObject({ code: 'STORAGE_FULL' })

    rmSync(
      join(dir, 'queues/default/ready', readdirSync(join(dir, 'queues/default/ready'))[0] ?? ''),
    )
    await worker.start()
    await worker.until(() => worker.settled.length === ids.length - 1)
    expect(directoryOracle(dir).ids('completed')).toEqual(ids.slice(1))
  })

  it('that becomes read-only holds up an acknowledgement, and loses none', async () => {
    const dir = tinyFileSystem()
    const clock = fakeClock({ epochMs: Date.now() })
    const queue = fileQueue({ dir })
    const { id } = await queue.enqueue('paint', 1)
    const worker = inProcessWorker({ dir, clock })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    remount(dir, 'ro')
    await expect(queue.enqueue('paint', 2)).rejects.toMatchObject({
      code: 'STORAGE_READ_ONLY',
      message: expect.stringMatching(/the file system is read-only \(EROFS\)/),
    })
    worker.runs[0]?.finish()
    const retried = () =>
      worker.logged.filter(({ message }) => message.startsWith('a job cannot be moved')).length
    while (retried() < 3) await clock.advance(500)
    expect(worker.settled).toEqual([])
    expect(worker.source.inFlight()).toHaveLength(1)
    expect(directoryOracle(dir).held(worker.identity)).toEqual([id])
    remount(dir, 'rw')
    while (worker.settled.length === 0) await clock.advance(500)
    expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
    expect(directoryOracle(dir).ids('completed')).toEqual([id])
  })

  it('that becomes read-only holds up a hand-back until stop, and loses none', async () => {
    const dir = tinyFileSystem()
    const { id } = await fileQueue({ dir }).enqueue('paint', 1)
    const worker = inProcessWorker({ dir, clock: fakeClock({ epochMs: Date.now() }) })
    const { signal } = new AbortController()
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    await worker.source.quiesce({ signal })
    remount(dir, 'ro')
    const handingBack = worker.source.handBack(worker.lease(id), { signal })
    handingBack.catch(() => {})
    await worker.until(() => worker.logged.length > 0)
    await worker.source.stop({ signal })
    await expect(handingBack).rejects.toMatchObject({ code: 'STORAGE_READ_ONLY' })
    expect(directoryOracle(dir).held(worker.identity)).toEqual([id])
    remount(dir, 'rw')
    await fileQueue({ dir }).recover({ identity: worker.identity, cause: 'recycle' })
    expect(await fileQueue({ dir }).jobs('ready')).toMatchObject([{ id, interruptions: 0 }])
  })

  it('that is read-only cannot be started on', async () => {
    const dir = tinyFileSystem()
    remount(dir, 'ro')
    await expect(inProcessWorker({ dir }).start()).rejects.toMatchObject({
      code: 'STORAGE_READ_ONLY',
    })
  })
})

it.each([
  ['ENOSPC', 'STORAGE_FULL', /no space is left/],
  ['EDQUOT', 'STORAGE_FULL', /quota/],
  ['EROFS', 'STORAGE_READ_ONLY', /read-only/],
  ['EACCES', 'STORAGE_READ_ONLY', /permission is denied/],
])('%s is told as %s, with its cause', (code, expected, words) => {
  const cause = Object.assign(new Error('x'), { code })
  const error = storageError(cause, 'Cannot write /a')
  expect(error).toBeInstanceOf(RecyclerError)
  expect(error).toMatchObject({ code: expected, message: expect.stringMatching(words), cause })
})

it('passes on errors that it has no sentence for', () => {
  const error = Object.assign(new Error('x'), { code: 'EIO' })
  expect(storageError(error, 'Cannot write /a')).toBe(error)
})

it('is not fooled by a file in place of the directory', async () => {
  const dir = scratchDirectory()
  mkdirSync(join(dir, 'queues'))
  writeFileSync(join(dir, 'queues/default'), '')
  await expect(fileQueue({ dir }).enqueue('paint', 1)).rejects.toThrow(/is not a directory/)
})
