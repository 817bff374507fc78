import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Reads a queue directory without the package under test. */
export interface DirectoryOracle {
  readonly names: (...path: string[]) => string[]
  /** Ids of the jobs in one folder, in order. */
  readonly ids: (...path: string[]) => string[]
  /** Ids of the jobs that a worker holds, its recovery included. */
  readonly held: (identity: string) => string[]
  /** Every job file below the directory, by id: how many copies there are. */
  readonly copies: () => Map<string, number>
}

/** What a worker's files are called. */
export function encodedIdentity(identity: string): string {
  return identity.replaceAll(':', '~')
}

/** Makes an oracle for one directory. */
export function directoryOracle(dir: string): DirectoryOracle {
  const names = (...path: string[]): string[] => {
    try {
      return readdirSync(join(dir, ...path)).toSorted()
    } catch (error) {
      // Renamed between two looks.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
  const ids = (...path: string[]) => names(...path).map((name) => name.split('~')[1] ?? name)
  const held = (identity: string): string[] =>
    ['working', 'recovering'].flatMap((holder) =>
      names(holder)
        .filter((name) => name.split('=')[0] === encodedIdentity(identity))
        .flatMap((name) => ids(holder, name)),
    )
  return {
    names,
    ids,
    held,
    copies: () => {
      const counts = new Map<string, number>()
      const folders = [
        ...names('queues').flatMap((queue) => [
          ['queues', queue, 'ready'],
          ['queues', queue, 'scheduled'],
        ]),
        ...['working', 'recovering'].flatMap((holder) =>
          names(holder).map((name) => [holder, name]),
        ),
        ...['completed', 'dead', 'quarantine', 'tmp'].map((folder) => [folder]),
      ]
      for (const id of folders.flatMap((folder) => ids(...folder))) {
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      return counts
    },
  }
}
