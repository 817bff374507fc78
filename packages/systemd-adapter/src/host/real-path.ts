import { readlink } from 'node:fs/promises'
import { posix } from 'node:path'

/** As many links as the kernel follows. */
const MOST_LINKS = 40
/** An image need not have them: what is masked there is masked all the same. */
const DEVICES: ReadonlySet<string> = new Set(['/dev', '/dev/null'])

/**
 * Follows every link in a path as if `root` were `/`, so that none leads out of it. Gives a path below
 * `root`, or undefined where nothing is. A path that is not absolute begins at `from`, which has no links.
 */
export async function realPath(
  path: string,
  root: string,
  from: string = '/',
): Promise<string | undefined> {
  let real = posix.isAbsolute(path) ? '/' : from
  let links = 0
  const rest = path.split('/').toReversed()
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      real = posix.dirname(real)
      continue
    }
    const next = posix.join(real, part)
    const target = (await targetOf(posix.join(root, next))) ?? (DEVICES.has(next) ? '' : undefined)
    if (target === undefined) return undefined
    if (target === '') {
      real = next
      continue
    }
    links += 1
    if (links > MOST_LINKS) return undefined
    if (posix.isAbsolute(target)) real = '/'
    rest.push(...target.split('/').toReversed())
  }
  return real
}

/** Where a link leads; empty for what is no link, undefined for what is not there. */
async function targetOf(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : ''
  }
}
