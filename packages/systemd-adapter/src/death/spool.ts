import { watch } from 'node:fs'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { type CallOptions, type Logger, silentLogger } from '@worker-recycler/core'
import { errnoOf } from '../host/file-error.ts'
import { parseUnitName } from '../unit-file/unit-name.ts'
import { type DeathRecord, parseDeathRecord } from './death-record.ts'

/** Where the hook writes; `/run` is empty after a boot, as are the units' histories. */
export const SPOOL = '/run/worker-recycler/deaths'

/** Hears of a file that is no record. */
export type Report = (path: string, error: unknown) => void

/** Logs each file once. */
export function reportTo(logger: Logger): Report {
  const paths = new Set<string>()
  return (path, error) => {
    if (paths.has(path)) return
    paths.add(path)
    logger.warn({ path, error }, 'A death record cannot be read; it is left out')
  }
}

/** All records of a unit that are there, the oldest first. */
export async function readDeaths(
  unit: string,
  spool: string = SPOOL,
  report: Report = () => {},
): Promise<readonly DeathRecord[]> {
  const directory = posix.join(spool, parseUnitName(unit).full)
  const names = await readdir(directory).catch(() => [])
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map((name) => readRecord(posix.join(directory, name), report)),
  )
  return found
    .filter((each) => each !== undefined)
    .toSorted((a, b) => a.writtenMs - b.writtenMs)
    .map(({ record }) => record)
}

/** The record of one invocation, if it is there: its file has that name. */
export async function readDeath(
  unit: string,
  invocation: string,
  spool: string,
): Promise<DeathRecord | undefined> {
  const path = posix.join(spool, parseUnitName(unit).full, invocation)
  return (await readRecord(path, () => {}))?.record
}

/** With the time of the file: of several ends in one second each comes after the one before. */
async function readRecord(
  path: string,
  report: Report,
): Promise<{ readonly record: DeathRecord; readonly writtenMs: number } | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const record = parseDeathRecord(text, Math.floor(mtimeMs))
    if (record) return { record, writtenMs: mtimeMs }
    report(path, new Error('It was cut off, or is no record'))
  } catch (error) {
    // It was the oldest, and is gone.
    if (errnoOf(error) !== 'ENOENT') report(path, error)
  }
  return undefined
}

/** Options of `deaths`. */
export interface DeathsOptions extends CallOptions {
  /** Where records are looked for. Defaults to `/run/worker-recycler/deaths`. */
  readonly spool?: string
  /** Hears of records that cannot be read. Defaults to silence. */
  readonly logger?: Logger
}

/**
 * Yields the deaths of a unit as they are written, those that are there first, each once, until the
 * signal aborts. The directory is made if it is not there yet, so that it can be watched.
 */
export async function* deaths(
  unit: string,
  { signal, spool = SPOOL, logger = silentLogger }: DeathsOptions,
): AsyncGenerator<DeathRecord, void, undefined> {
  const directory = posix.join(spool, parseUnitName(unit).full)
  await mkdir(directory, { recursive: true })
  const told = new Set<string>()
  const report = reportTo(logger)
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
      for (const record of await readDeaths(unit, spool, report)) {
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
