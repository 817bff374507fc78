import { randomBytes } from 'node:crypto'
import { link, readFile, unlink, writeFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { RecyclerError } from '@worker-recycler/core'
import { isAlive } from '../process/is-alive.ts'
import { fileError, ignore } from './file-error.ts'
import type { HostSettings } from './settings.ts'

/**
 * Holds a lock file while something is done, so that two of us never write at once. The lock of a
 * process that is gone is taken over. Rejects with PLAN_REFUSED while another one holds it.
 */
export async function withLock<T>(settings: HostSettings, action: () => Promise<T>): Promise<T> {
  const path = lockPath(settings)
  await takeLock(path)
  try {
    return await action()
  } finally {
    await unlink(path).catch(() => {})
  }
}

/** In directories that are there anyway, so that nothing is left behind. */
export function lockPath({ root, scope, user }: HostSettings): string {
  if (root !== '/') return posix.join(root, '.worker-recycler.lock')
  return posix.join(scope === 'user' ? user.runtime : '/run', 'worker-recycler.lock')
}

const MOST_TRIES = 3

async function takeLock(path: string): Promise<void> {
  // Linked into its place, it is never there without its holder's pid.
  const own = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(own, `${process.pid}\n`, { flag: 'wx', mode: 0o644 })
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      if (await linkTo(own, path)) return
      await removeStale(path, own)
    }
  } catch (error) {
    throw fileError(path, error)
  } finally {
    await unlink(own).catch(() => {})
  }
  throw busy(path, undefined)
}

async function linkTo(own: string, path: string): Promise<boolean> {
  const taken = await link(own, path).then(() => true, ignore('EEXIST'))
  return taken ?? false
}

/** One at a time: what is stale then stays so, and stays where it is, until it was removed. */
async function removeStale(path: string, own: string): Promise<void> {
  const pid = await holderOf(path)
  if (isHeld(pid)) throw busy(path, pid)
  const turn = `${path}.turn`
  if (await linkTo(own, turn)) {
    const now = await holderOf(path)
    if (now !== undefined && !isHeld(now)) await unlink(path)
    await unlink(turn)
  } else if (!isHeld(await holderOf(turn))) {
    // Whoever had it was killed in these few steps.
    await unlink(turn).catch(ignore('ENOENT'))
  }
}

/** Undefined where there is no lock; 0 for one that says nothing. */
async function holderOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(ignore('ENOENT'))
  return text === undefined ? undefined : Number(text)
}

const isHeld = (pid = 0): boolean => pid > 0 && isAlive(pid)

function busy(path: string, pid: number | undefined): RecyclerError {
  const who = pid === undefined ? 'another process' : `process ${pid}`
  return new RecyclerError(
    'PLAN_REFUSED',
    `[systemd-adapter] ${who} is applying a plan (${path}): try again when it is done. If that process is something else, remove the file`,
  )
}
