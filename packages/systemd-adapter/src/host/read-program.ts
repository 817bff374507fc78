import { readFile, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import type { ProgramFacts } from './facts.ts'
import { ignore } from './file-error.ts'
import { realPath } from './real-path.ts'

const WRITABLE_BY_OTHERS = 0o022

/**
 * Reads a program, and who could change it or put another one in its place. `owners` are those that may
 * own it, besides root.
 */
export async function readProgram(
  path: string,
  root: string,
  owners: readonly number[],
): Promise<ProgramFacts> {
  const loose: string[] = []
  let program: Omit<ProgramFacts, 'loose'> = {}
  for (let at = path; at !== '/'; at = posix.dirname(at)) {
    const place = posix.join(root, (await realPath(at, root)) ?? at)
    const stats = await stat(place).catch(ignore('ENOENT', 'ENOTDIR'))
    if (!stats) continue
    const mode = stats.mode & 0o7777
    if (stats.uid !== 0 && !owners.includes(stats.uid)) {
      loose.push(`${at} belongs to user ${stats.uid}`)
    }
    if ((mode & WRITABLE_BY_OTHERS) !== 0) loose.push(`${at} has mode ${mode.toString(8)}`)
    if (at === path && stats.isFile()) program = { text: await readFile(place, 'utf8'), mode }
  }
  return { ...program, loose }
}
