import type { LimitBytes } from './judge-memory.ts'

/** The limit that memory reaches next; beyond all of them, the last one. */
export function nextLimit(
  usedBytes: number | undefined,
  { softBytes, hardBytes }: LimitBytes,
): number | undefined {
  if (softBytes !== undefined && (usedBytes ?? 0) < softBytes) return softBytes
  return hardBytes ?? softBytes
}
