import { open, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { errorCode } from '../directory/error-code.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { storageError } from '../directory/storage-error.ts'
import { syncDirectory } from '../directory/sync-directory.ts'
import type { ProcessTable } from './process-probe.ts'

/** What others need to judge whether a worker is dead: the content of `workers/<identity>.json`. */
export interface WorkerRecord {
  readonly version: 1
  readonly identity: string
  readonly host: string
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat: tells a process from a later one with the same pid. */
  readonly startTicks?: number
  readonly bootId?: string
  readonly pidNamespace?: string
  /** How often the record's modification time is renewed; 0 when it is not. */
  readonly heartbeatMs: number
  readonly registeredAtEpochMs: number
}

/** Describes this process. */
export function describeSelf(
  processes: ProcessTable,
  own: { identity: string; heartbeatMs: number; epochMs: number },
): WorkerRecord {
  const probe = processes.probe(process.pid)
  const startTicks = probe.kind === 'running' ? probe.startTicks : undefined
  return {
    version: 1,
    identity: own.identity,
    host: hostname(),
    pid: process.pid,
    ...(startTicks === undefined ? {} : { startTicks }),
    ...(processes.bootId === undefined ? {} : { bootId: processes.bootId }),
    ...(processes.pidNamespace === undefined ? {} : { pidNamespace: processes.pidNamespace }),
    heartbeatMs: own.heartbeatMs,
    registeredAtEpochMs: own.epochMs,
  }
}

/** Writes the record, on the disk whatever the fsync policy: a torn one could not be judged. */
export async function writeWorkerRecord(
  directory: QueueDirectory,
  record: WorkerRecord,
): Promise<void> {
  const scratch = directory.scratch('worker')
  try {
    const handle = await open(scratch, 'wx')
    try {
      await handle.writeFile(`${JSON.stringify(record, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(scratch, directory.registryOf(record.identity))
    await syncDirectory(directory.workers)
  } catch (error) {
    await rm(scratch, { force: true }).catch(() => {})
    throw storageError(error, `Cannot register the worker in ${directory.workers}`)
  }
}

/** Reads a record; undefined when there is none that can be understood. */
export async function readWorkerRecord(
  directory: QueueDirectory,
  identity: string,
): Promise<WorkerRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(directory.registryOf(identity), 'utf8'))
    return isRecord(value) && value.identity === identity ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT') return undefined
    throw storageError(error, `Cannot read the record of ${identity}`)
  }
}

function isRecord(value: unknown): value is WorkerRecord {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Partial<Record<keyof WorkerRecord, unknown>>
  return (
    record.version === 1 &&
    typeof record.identity === 'string' &&
    typeof record.host === 'string' &&
    Number.isSafeInteger(record.pid) &&
    typeof record.heartbeatMs === 'number'
  )
}
