import { watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { DeathRecord } from '../death/death-record.ts'
import { deaths } from '../death/spool.ts'
import { errnoOf } from '../host/file-error.ts'
import { Failure } from './failure.ts'
import { unitsWithRecords } from './units-with-records.ts'

/**
 * Shows each death once, those on record first, until the signal aborts or `show` says that nobody
 * reads. Of a template also those of instances that have their first one later.
 */
export async function followDeaths(
  unit: string,
  { spool, signal }: { readonly spool: string; readonly signal: AbortSignal },
  show: (record: DeathRecord) => Promise<boolean>,
): Promise<void> {
  const own = new AbortController()
  const any = AbortSignal.any([signal, own.signal])
  const ended = new Promise((resolve) => any.addEventListener('abort', resolve, { once: true }))
  const followed = new Map<string, Promise<void>>()
  let failure: Error | undefined
  const follow = async (name: string) => {
    try {
      for await (const record of deaths(name, { spool, signal: any })) {
        if (!(await show(record))) return
      }
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error))
    } finally {
      // One that ends, ends all.
      own.abort()
    }
  }
  const look = async () => {
    for (const name of await unitsWithRecords(unit, spool)) {
      if (!followed.has(name) && !any.aborted) followed.set(name, follow(name))
    }
  }
  await mkdir(spool, { recursive: true }).catch((error: unknown) => {
    throw new Failure(
      `${spool} is not there yet, and cannot be made (${errnoOf(error)}). It comes with the first record`,
    )
  })
  const watcher = watch(spool, () => void look())
  try {
    await look()
    await ended
    await Promise.all(followed.values())
  } finally {
    watcher.close()
  }
  if (failure && !signal.aborted) throw failure
}
