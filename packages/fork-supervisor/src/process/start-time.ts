import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * When the kernel started a process, in clock ticks since boot: field 22 of `/proc/<pid>/stat`
 * (proc_pid_stat(5)). With the pid it names one process for good. Undefined without procfs.
 * Synchronous, because the pid cannot be reused before the event loop has reaped the process.
 */
export function readStartTime(procRoot: string, pid: number): number | undefined {
  try {
    const text = readFileSync(join(procRoot, String(pid), 'stat'), 'latin1')
    // The name in parentheses may hold spaces and parentheses of its own.
    const field = text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
    return field !== undefined && /^\d+$/.test(field) ? Number(field) : undefined
  } catch {
    return undefined
  }
}
