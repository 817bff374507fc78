import { posix } from 'node:path'
import { realPath } from './real-path.ts'

/** Of these directories, and of all those above them, the ones that are not there. */
export async function readMissing(
  directories: readonly string[],
  root: string,
): Promise<readonly string[]> {
  const missing = new Set<string>()
  for (const directory of directories) {
    let at = directory
    while (at !== '/' && !missing.has(at) && (await realPath(at, root)) === undefined) {
      missing.add(at)
      at = posix.dirname(at)
    }
  }
  return [...missing].toSorted()
}
