import type { Drift, FileChange } from '@worker-recycler/core'
import { bytesOf, hardBytesOf, type UnitEffect, unsetBytes } from './effects.ts'
import type { KernelLimits, UnitFacts } from './facts.ts'
import type { Features } from './features.ts'

/** The limits that can be read back from the kernel, by their key. */
const READ_BACK = [
  ['MemoryMax', 'max'],
  ['MemoryHigh', 'high'],
  ['MemoryLow', 'low'],
  ['MemoryMin', 'min'],
  ['MemorySwapMax', 'swapMax'],
] as const satisfies readonly (readonly [string, keyof KernelLimits])[]

/** The kernel rounds to whole pages, and the largest are of 64 KiB. */
const ROUNDING_BYTES = 64 * 1024

/**
 * What the kernel enforces for a running unit although its files say something else. Keys that nothing
 * sets count only if they are among `touched`: the limit was taken back then.
 */
export function driftOf(
  effect: UnitEffect,
  now: UnitFacts | undefined,
  { memoryMax }: Pick<Features, 'memoryMax'>,
  memoryBytes: number,
  touched: ReadonlySet<string> = NONE,
): readonly Drift[] {
  const { kernel } = now ?? {}
  if (!kernel) return []
  const { limits, unit } = effect
  return READ_BACK.flatMap(([name, field]) => {
    const isHard = field === 'max'
    const key = isHard && !memoryMax ? 'MemoryLimit' : name
    const actual = kernel[field]
    const set = limits[name]?.winner ? bytesOf(limits[name], memoryBytes) : unsetBytes(name)
    const wanted = isHard ? hardBytesOf(effect, memoryBytes) : set
    const isMeant = limits[key]?.winner || touched.has(key) || wanted !== unsetBytes(name)
    if (actual === undefined || !isMeant || isSameBytes(wanted, actual)) return []
    return [{ target: unit, key, wanted: text(wanted), actual: text(actual) }]
  })
}

const NONE: ReadonlySet<string> = new Set()

/** The memory keys that files set, or have set before. */
export function touchedKeys(files: readonly FileChange[]): ReadonlySet<string> {
  const texts = files.flatMap(({ before = '', after = '' }) => [before, after])
  return new Set(
    texts.flatMap((each) => Array.from(each.matchAll(/^(Memory\w+)=/gm), ([, key = '']) => key)),
  )
}

/** Whether the kernel has a limit, as far as it can. */
export function isSameBytes(wanted: number, actual: number): boolean {
  return wanted === actual || Math.abs(wanted - actual) < ROUNDING_BYTES
}

const text = (bytes: number) => (bytes === Infinity ? 'infinity' : String(bytes))
