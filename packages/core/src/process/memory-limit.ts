import { totalmem } from 'node:os'

/**
 * The memory that this process can have at most when no supervisor says so: the limit of its cgroup
 * as libuv sees it (`process.constrainedMemory`), otherwise the host's memory.
 */
export function hostMemoryLimitBytes(): number {
  const constrainedBytes = process.constrainedMemory() ?? 0
  const totalBytes = totalmem()
  return constrainedBytes > 0 && constrainedBytes < totalBytes ? constrainedBytes : totalBytes
}
