import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, rename, rm, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { expectNumber } from '../expect-number.ts'
import { openSampler, type HeapSampler } from './heap-sampler.ts'

/** V8's own default. No cost was measurable at it. */
const DEFAULT_PROFILE_INTERVAL_BYTES = 524_288
/** Collecting a profile takes some memory: many times what is usual. */
const DEFAULT_PROFILE_HEADROOM_BYTES = 67_108_864
/** Collecting took up to 0.5 s, during which the event loop stands still. */
const DEFAULT_PROFILE_REMAINING_MS = 2000

/** How the heap is profiled. */
export interface HeapProfileOptions {
  /** An existing, writable directory, as an absolute path. Profiles are never deleted from it. */
  readonly dir: string
  /** One of so many allocated bytes is sampled, on average. Defaults to 512 KiB. */
  readonly intervalBytes?: number
  /** With less memory left than this, no profile is written. Defaults to 64 MiB. */
  readonly minHeadroomBytes?: number
  /** With less time left than this, no profile is written. Defaults to 2 s. */
  readonly minRemainingMs?: number
}

/** What there is left for a profile; unknown is taken as enough. */
interface HeapProfileRequest {
  /** Ends the writing; an unfinished file is removed. */
  readonly signal: AbortSignal
  readonly headroomBytes?: number
  readonly remainingMs?: number
}

/** What became of a profile. */
export type HeapProfileReport =
  | { readonly outcome: 'written'; readonly path: string; readonly bytes: number }
  | { readonly outcome: 'skipped'; readonly why: 'headroom' | 'time' | 'aborted' | 'stopped' }
  | { readonly outcome: 'failed'; readonly error: unknown }

/** A sampling heap profile under way. */
export interface HeapProfile {
  /**
   * Writes what was sampled so far, for Chrome's developer tools to open: the live memory by the
   * place that allocated it. Never rejects.
   */
  write(request: HeapProfileRequest): Promise<HeapProfileReport>
  /** Ends the sampling. Idempotent, never throws. */
  stop(): void
}

/**
 * Starts V8's sampling heap profiler, which says where live memory was allocated. It replaces a heap
 * snapshot, which can take ten times the memory of the heap, when there is none left. The worker's
 * `identity` names the file, with dashes for what no file name should hold. Rejects with a
 * TypeError for options out of range and for a directory that is not there or cannot be written; a
 * profiler that does not start shows in `write` only.
 */
export async function startHeapProfile(
  options: HeapProfileOptions,
  identity: string,
): Promise<HeapProfile> {
  const { dir } = options
  const intervalBytes = expectNumber(
    'intervalBytes',
    options.intervalBytes ?? DEFAULT_PROFILE_INTERVAL_BYTES,
    { min: 1024, integer: true },
  )
  const minHeadroomBytes = expectNumber(
    'minHeadroomBytes',
    options.minHeadroomBytes ?? DEFAULT_PROFILE_HEADROOM_BYTES,
    { min: 0 },
  )
  const minRemainingMs = expectNumber(
    'minRemainingMs',
    options.minRemainingMs ?? DEFAULT_PROFILE_REMAINING_MS,
    { min: 0 },
  )
  await expectDirectory(dir)
  const path = join(dir, `${fileName(identity)}.heapprofile`)
  let sampler: HeapSampler | undefined
  let failure: unknown
  let stopped = false
  try {
    sampler = await openSampler(intervalBytes)
  } catch (error) {
    failure = error
  }

  return {
    write: async ({ signal, headroomBytes = Infinity, remainingMs = Infinity }) => {
      if (stopped) return { outcome: 'skipped', why: 'stopped' }
      if (!sampler) return { outcome: 'failed', error: failure }
      if (signal.aborted) return { outcome: 'skipped', why: 'aborted' }
      if (headroomBytes < minHeadroomBytes) return { outcome: 'skipped', why: 'headroom' }
      if (remainingMs < minRemainingMs) return { outcome: 'skipped', why: 'time' }
      try {
        const text = JSON.stringify(sampler.profile())
        await writeWhole(path, text, signal)
        return { outcome: 'written', path, bytes: Buffer.byteLength(text) }
      } catch (error) {
        return signal.aborted
          ? { outcome: 'skipped', why: 'aborted' }
          : { outcome: 'failed', error }
      }
    },
    stop: () => {
      if (stopped) return
      stopped = true
      sampler?.close()
    },
  }
}

/** Whoever looks for the file finds all of it or nothing. Only the owner may read what memory held. */
async function writeWhole(path: string, text: string, signal: AbortSignal): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', signal })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

/** An identity holds colons and comes from outside: nothing in it may lead out of the directory. */
function fileName(identity: string): string {
  const name = identity.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^\.+/, '')
  return name.slice(0, 128) || 'worker'
}

async function expectDirectory(dir: unknown): Promise<void> {
  const expectation = 'Expected `dir` to be an existing, writable directory, as an absolute path'
  if (typeof dir !== 'string' || !isAbsolute(dir) || dir.includes('\0')) {
    throw new TypeError(`${expectation}, got ${JSON.stringify(dir)}`)
  }
  try {
    if (!(await stat(dir)).isDirectory()) throw new Error('it is not a directory')
    await access(dir, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new TypeError(`${expectation}, got ${JSON.stringify(dir)}`, { cause })
  }
}
