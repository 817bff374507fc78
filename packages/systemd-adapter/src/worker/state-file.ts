import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import type { Logger } from '@worker-recycler/core'
import { errnoOf } from '../host/file-error.ts'
import { replaceFile } from '../host/replace-file.ts'
import type { Environment } from './environment.ts'

/** What a worker leaves its successor of the same unit. */
export interface StateFile<T> {
  readonly save: (value: T) => Promise<void>
  /** Undefined where there is none, or none that can be read: that is logged. */
  readonly read: () => Promise<T | undefined>
  readonly clear: () => Promise<void>
}

const MODE = 0o600

/**
 * A file in the directory that systemd keeps for the unit (`StateDirectory=`, or `RuntimeDirectory=`
 * with `RuntimeDirectoryPreserve=`); undefined where the unit has none.
 */
export function openStateFile<T>(
  env: Environment,
  name: string,
  isIts: (value: unknown) => value is T,
  logger: Logger,
): StateFile<T> | undefined {
  const directories = env['STATE_DIRECTORY'] ?? env['RUNTIME_DIRECTORY']
  const directory = directories?.split(':')[0]
  if (directory === undefined || !posix.isAbsolute(directory)) return undefined
  const path = posix.join(directory, name)
  return {
    save: (value) => replaceFile(path, `${JSON.stringify(value)}\n`, MODE),
    read: async () => {
      try {
        const value: unknown = JSON.parse(await readFile(path, 'utf8'))
        if (isIts(value)) return value
        throw new Error('Something else is in the file')
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') {
          logger.warn({ path, error }, 'What the predecessor left cannot be read')
        }
        return undefined
      }
    },
    clear: () => replaceFile(path, undefined),
  }
}
