import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Whether the kernel has killed for memory in the cgroup of this process: `oom_kill` of cgroup v2's
 * `memory.events`, or of v1's `memory.oom_control`. A command of `ExecStopPost=` runs in that of the
 * service, whose counts begin anew with each start. Where the service has no memory cgroup of its own,
 * the counts are of others: then it is false.
 */
export function hasOwnOomKill(
  cgroupText: string = readText('/proc/self/cgroup'),
  cgroupRoot = '/sys/fs/cgroup',
): boolean {
  const v2 = /^0::(\/.+)$/m.exec(cgroupText)?.[1]
  const own = /^\d+:name=systemd:(\/.+)$/m.exec(cgroupText)?.[1] ?? v2
  const v1 = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(\/.+)$/m.exec(cgroupText)?.[1]
  const files = [
    ...(v2 === undefined ? [] : [join(cgroupRoot, v2, 'memory.events')]),
    ...(v1 === undefined || v1 !== own
      ? []
      : [join(cgroupRoot, 'memory', v1, 'memory.oom_control')]),
  ]
  return files.some((file) => /^oom_kill [1-9]/m.test(readText(file)))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
