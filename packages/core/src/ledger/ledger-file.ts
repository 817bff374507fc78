import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CallOptions } from '../contracts/adapter.ts'
import type { Ledger } from './ledger.ts'

/** Writes the ledger where the next process of the same worker finds it; atomically, mode 0600. */
export async function saveLedgerFile(
  path: string,
  ledger: Ledger,
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

/** Reads the predecessor's ledger; undefined when there is none. Throws for one that cannot be read. */
export async function readLedgerFile(
  path: string,
  { signal }: CallOptions,
): Promise<Ledger | undefined> {
  let text: string
  try {
    text = await readFile(path, { encoding: 'utf8', signal })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const value: unknown = JSON.parse(text)
  return isLedger(value) ? value : undefined
}

/** Accepts what this version wrote; a ledger of another version says nothing to this one. */
function isLedger(value: unknown): value is Ledger {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'recycles' in value &&
    Array.isArray(value.recycles)
  )
}
