import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import type { Ledger } from '@worker-recycler/core'
import { replaceFile } from '../host/replace-file.ts'
import type { Environment } from './environment.ts'

/** Keeps the ledger of this worker for its successor. */
export interface LedgerStore {
  readonly save: (ledger: Ledger) => Promise<void>
  readonly read: () => Promise<Ledger | undefined>
}

const LEDGER_MODE = 0o600

/**
 * A file in the directory that systemd keeps for the unit (`StateDirectory=`, or `RuntimeDirectory=`
 * with `RuntimeDirectoryPreserve=`); undefined where the unit has none.
 */
export function openLedgerStore(env: Environment, unit: string): LedgerStore | undefined {
  const directories = env['STATE_DIRECTORY'] ?? env['RUNTIME_DIRECTORY']
  const directory = directories?.split(':')[0]
  if (directory === undefined || !posix.isAbsolute(directory)) return undefined
  const path = posix.join(directory, `${unit}.ledger.json`)
  return {
    save: (ledger) => replaceFile(path, `${JSON.stringify(ledger)}\n`, LEDGER_MODE),
    read: async () => {
      try {
        return JSON.parse(await readFile(path, 'utf8')) as Ledger
      } catch {
        return undefined
      }
    },
  }
}
