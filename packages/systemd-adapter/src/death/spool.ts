import { watch } from 'node:fs'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import type { CallOptions } from '@worker-recycler/core'
import { parseUnitName } from '../unit-file/unit-name.ts'
import { type DeathRecord, parseDeathRecord } from './death-record.ts'

/** Where the hook writes; `/run` is empty after a boot, as are the units' histories. */
export const SPOOL = '/run/worker-recycler/deaths'

/** All records of a unit that are there, the oldest first. */
export async function readDeaths(
  unit: string,
  spool: string = SPOOL,
): Promise<readonly DeathRecord[]> {
  const directory = posix.join(spool, parseUnitName(unit).full)
  const names = await readdir(directory).catch(() => [])
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map((name) => readRecord(posix.join(directory, name))),
  )
  return found
    .filter((each) => each !== undefined)
    .toSorted((a, b) => a.writtenMs - b.writtenMs)
    .map(({ record }) => record)
}

/** With the time of the file: of several ends in one second each comes after the one before. */
async function readRecord(
  path: string,
): Promise<{ readonly record: DeathRecord; readonly writtenMs: number } | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const record = parseDeathRecord(text)
    return record && { record, writtenMs: mtimeMs }
  } catch {
    // It was the oldest, and is gone.
    return undefined
  }
}

/** Options of `deaths`. */
export interface DeathsOptions extends CallOptions {
  /** Where records are looked for. Defaults to `/run/worker-recycler/deaths`. */
  readonly spool?: string
}

/**
 * Yields the deaths of a unit as they are written, those that are there first, each once, until the
 * signal aborts. The directory is made if it is not there yet, so that it can be watched.
 */
export async function* deaths(
  unit: string,
  { signal, spool = SPOOL }: DeathsOptions,
): AsyncGenerator<DeathRecord, void, undefined> {
  const directory = posix.join(spool, parseUnitName(unit).full)
  await mkdir(directory, { recursive: true })
  const told = new Set<string>()
  let wake = () => {}
  let isChanged = true
  const change = () => {
    isChanged = true
    wake()
  }
  const changed = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const watcher = watch(directory, change)
  signal.addEventListener('abort', change)
  try {
    while (!signal.aborted) {
      if (!isChanged) await changed()
      isChanged = false
      for (const record of await readDeaths(unit, spool)) {
        if (signal.aborted) return
        if (told.has(record.invocation)) continue
        told.add(record.invocation)
        yield record
      }
    }
  } finally {
    watcher.close()
    signal.removeEventListener('abort', change)
  }
}
