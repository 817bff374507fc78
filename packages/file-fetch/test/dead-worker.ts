import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createIdentity } from '@worker-recycler/core'
import { type FileQueue, fileQueue } from '@worker-recycler/file-fetch'
import { systemProcesses } from '../src/liveness/process-probe.ts'
import { describeSelf } from '../src/liveness/worker-record.ts'
import { encodedIdentity } from './directory-oracle.ts'
import { scratchDirectory } from './scratch-directory.ts'

/** A worker that died over its jobs. */
export interface DeadWorker {
  readonly dir: string
  readonly queue: FileQueue
  /** The jobs that it held. */
  readonly ids: readonly string[]
  readonly identity: string
  /** Its name in the directory. */
  readonly encoded: string
}

/** Beyond what the kernel gives to a process. */
const NO_PID = 4_194_305

/** Makes the files that a worker leaves behind when it is killed. */
export async function deadWorker(held: number): Promise<DeadWorker> {
  const dir = scratchDirectory()
  const queue = fileQueue({ dir, fsync: 'none' })
  await queue.recover()
  const jobs = Array.from({ length: held }, (_, payload) => ({ name: 'paint', payload }))
  const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id)
  const identity = createIdentity({ pid: NO_PID })
  const encoded = encodedIdentity(identity)
  mkdirSync(join(dir, 'working', encoded))
  for (const { path } of await queue.jobs('ready')) {
    renameSync(path, join(dir, 'working', encoded, basename(path)))
  }
  const self = describeSelf(systemProcesses(), { identity, heartbeatMs: 0, epochMs: 0 })
  writeFileSync(join(dir, 'workers', `${encoded}.json`), JSON.stringify({ ...self, pid: NO_PID }))
  return { dir, queue, ids, identity, encoded }
}
