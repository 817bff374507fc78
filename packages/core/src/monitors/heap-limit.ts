import { getHeapStatistics } from 'node:v8'

const MEBIBYTE = 1_048_576
const FLAG = /^--max[-_]old[-_]space[-_]size=([0-9]+)$/

/**
 * The size at which V8 gives up, in bytes. `heap_size_limit` counts the young generation on top of
 * `--max-old-space-size`, by 48 to 192 MiB according to the version, though V8 aborts when the old
 * one is full: with a small old space the two are far apart. Without the flag they differ by 5 % at most.
 */
export function heapLimitBytes(
  flags: readonly string[] = [
    ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/),
    ...process.execArgv,
  ],
  heapSizeLimitBytes: number = getHeapStatistics().heap_size_limit,
): number {
  const given = flags.map((flag) => Number(FLAG.exec(flag)?.[1] ?? 0)).findLast((size) => size > 0)
  return Math.min(heapSizeLimitBytes, (given ?? Infinity) * MEBIBYTE)
}
