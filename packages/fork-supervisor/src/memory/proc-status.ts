import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What the kernel cannot take back from a process: `RssAnon` + `RssShmem` + `VmSwap` of
 * `/proc/<pid>/status` (proc_pid_status(5), Linux 4.5). File pages are left out: they are cache.
 * Undefined when the text has no such figures, as for a zombie.
 */
export function parseProcStatus(text: string): number | undefined {
  const kibibytes = (key: string): number | undefined => {
    const match = new RegExp(String.raw`^${key}:\s+(\d+) kB$`, 'm').exec(text)
    return match ? Number(match[1]) : undefined
  }
  const anonymous = kibibytes('RssAnon')
  if (anonymous === undefined) return undefined
  return (anonymous + (kibibytes('RssShmem') ?? 0) + (kibibytes('VmSwap') ?? 0)) * 1024
}

/** Reads it for one process; undefined when the process, or procfs, is not there. */
export async function readProcStatus(
  procRoot: string,
  pid: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const path = join(procRoot, String(pid), 'status')
    return parseProcStatus(await readFile(path, { encoding: 'utf8', signal }))
  } catch {
    return undefined
  }
}
