import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, open, readFile, rename, rmdir, unlink } from 'node:fs/promises'
import { posix } from 'node:path'
import { errnoOf, fileError, ignore } from './file-error.ts'

const DIRECTORY_MODE = 0o755
const FILE_MODE = 0o644

/** A file as it is. */
export interface FileState {
  /** Empty for what is no regular file. */
  readonly text: string
  readonly mode: number
  /** False for a link, too: it would be lost, and what it leads to is somebody else's. */
  readonly isRegular: boolean
}

/** Reads a file; undefined where there is none. */
export async function readState(path: string): Promise<FileState | undefined> {
  try {
    const stats = await lstat(path)
    const isRegular = stats.isFile()
    const text = isRegular ? await readFile(path, 'utf8') : ''
    return { text, mode: stats.mode & 0o7777, isRegular }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined
    throw fileError(path, error)
  }
}

/**
 * Writes a file in one step, so that systemd sees all of it or nothing: into the same directory under a
 * name that it does not read, on the disk, and renamed. With `undefined` the file goes. Whatever the
 * umask says, modes are as given, and 755 for directories. Rejects with a coded error that names the path.
 */
export async function replaceFile(
  path: string,
  text: string | undefined,
  mode: number = FILE_MODE,
): Promise<void> {
  const directory = posix.dirname(path)
  try {
    if (text === undefined) {
      await unlink(path).catch(ignore('ENOENT', 'ENOTDIR'))
    } else {
      await makeDirectory(directory)
      // Beside the file, a security label is inherited; and its name does not end in `.conf`.
      const temporary = temporaryName(path)
      await writeDurably(temporary, text, mode)
      await rename(temporary, path).catch(async (error: unknown) => {
        await unlink(temporary).catch(() => {})
        throw error
      })
    }
    await syncDirectory(directory)
  } catch (error) {
    throw fileError(path, error)
  }
}

/** Removes a directory unless something is in there. */
export async function removeIfEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory).catch(ignore('ENOTEMPTY', 'ENOENT', 'EEXIST', 'ENOTDIR'))
  } catch (error) {
    throw fileError(directory, error)
  }
}

/** Of a write that was killed half way. */
export function isLeftover(name: string): boolean {
  return /^\.\d\d-recycler-[a-z]+\.conf\.[0-9a-f]{12}\.tmp$/.test(name)
}

function temporaryName(path: string): string {
  const name = `.${posix.basename(path)}.${randomBytes(6).toString('hex')}.tmp`
  return posix.join(posix.dirname(path), name)
}

async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE })
  if (first === undefined) return
  for (let at = directory; at.length >= first.length; at = posix.dirname(at)) {
    await chmod(at, DIRECTORY_MODE)
    await syncDirectory(posix.dirname(at))
  }
}

async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.chmod(mode)
    await file.sync()
  } catch (error) {
    await unlink(path).catch(() => {})
    throw error
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(ignore('ENOENT', 'ENOTDIR'))
  if (!directory) return
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
