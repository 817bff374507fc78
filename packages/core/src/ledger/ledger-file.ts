import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CallOptions } from '../contracts/adapter.ts'
import type { Ledger } from './ledger.ts'

/** A ledger as the file keeps it. */
export interface KeptLedger extends Ledger {
  /** The process that took it for its predecessor's: it is nobody else's. */
  readonly takenBy?: string
}

/** Writes the ledger where the next process of the same worker finds it; atomically, mode 0600. */
export async function saveLedgerFile(
  path: string,
  ledger: KeptLedger,
  { signal }: CallOptions,
): Promise<void> {
  signal.throwIfAborted()
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(ledger)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Reads the predecessor's ledger; undefined when there is none. Throws for one that cannot be read,
 * is torn, or was written by another version: it says nothing to this one.
 */
export async function readLedgerFile(
  path: string,
  { signal }: CallOptions,
): Promise<KeptLedger | undefined> {
  let text: string
  try {
    text = await readFile(path, { encoding: 'utf8', signal })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const value = parse(text)
  if (isLedger(value)) return value
  throw new TypeError(`Expected ${path} to be a ledger of version 1; it is ignored`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const LEAVINGS: ReadonlySet<unknown> = new Set(['recycle', 'stop', 'failure'])

/** Looks at what the next process goes by; the rest is shown to people only. */
function isLedger(value: unknown): value is KeptLedger {
  return (
    isRecord(value) &&
    value['version'] === 1 &&
    typeof value['identity'] === 'string' &&
    LEAVINGS.has(value['leaving']) &&
    typeof value['endedAtEpochMs'] === 'number' &&
    Array.isArray(value['recycles']) &&
    value['recycles'].every(isPastRecycle)
  )
}

const isPastRecycle = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value['atEpochMs'] === 'number' &&
  typeof value['beforeBytes'] === 'number'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
