import { posix } from 'node:path'
import { realPath } from './real-path.ts'
import type { HostSettings } from './settings.ts'

/**
 * Where a path of the host lies, or of the image: there links are followed as if `root` were `/`, so
 * that nothing is ever written beside the image. The last part is taken as it is.
 */
export async function placeOf(path: string, { root }: Pick<HostSettings, 'root'>): Promise<string> {
  if (root === '/') return path
  const parent = await realParent(posix.dirname(path), root)
  return posix.join(root, parent, posix.basename(path))
}

/** A directory that is not there yet will be made below the ones that are. */
async function realParent(directory: string, root: string): Promise<string> {
  if (directory === '/') return directory
  const real = await realPath(directory, root)
  if (real !== undefined) return real
  const parent = await realParent(posix.dirname(directory), root)
  return posix.join(parent, posix.basename(directory))
}
