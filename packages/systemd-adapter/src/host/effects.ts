import { parseMemorySize, shareBytes } from '../unit-file/memory-size.ts'
import { parseUnitName } from '../unit-file/unit-name.ts'
import { type Effective, effectiveOf } from './effective.ts'
import type { SystemdFacts, UnitFacts } from './facts.ts'
import type { Features } from './features.ts'
import { type Resolution, resolve } from './resolve.ts'
import type { Snapshot } from './snapshot.ts'

/** What will be in force for one unit. */
export interface UnitEffect {
  readonly unit: string
  readonly facts: UnitFacts | undefined
  readonly resolution: Resolution
  /** Every memory key that this systemd reads, by its name. */
  readonly limits: Readonly<Record<string, Effective>>
}

/** For these 0 is a value; the others would be ignored with it. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set(['MemoryLow', 'MemoryMin', 'MemorySwapMax'])

/** Resolves a unit, and finds what each of its memory keys will be. */
export function effectOf(
  unit: string,
  snapshot: Snapshot,
  { units }: Pick<SystemdFacts, 'units'>,
  features: Features,
): UnitEffect {
  const resolution = resolve(parseUnitName(unit), snapshot, features)
  const limits = features.memoryKeys.map((key) => {
    const zero = MAY_BE_ZERO.has(key)
    const accepts = (value: string) => parseMemorySize(value, { zero }).kind !== 'ignored'
    return [key, effectiveOf(resolution, 'Service', key, accepts)] as const
  })
  return {
    unit,
    facts: units.find(({ name }) => name === unit),
    resolution,
    limits: Object.fromEntries(limits),
  }
}

/** A value in bytes; `Infinity` where nothing limits. */
export function bytesOf(limit: Effective | undefined, memoryBytes: number): number {
  const size = parseMemorySize(limit?.winner?.value ?? '', { zero: true })
  switch (size.kind) {
    case 'bytes':
      return Number(size.bytes)
    case 'share':
      return Number(shareBytes(size.permyriad, memoryBytes))
    case 'infinity':
    case 'ignored':
      return Infinity
  }
}

/** The hard limit in bytes, by whichever key sets it. */
export function hardBytesOf(effect: UnitEffect, memoryBytes: number): number {
  const { MemoryMax, MemoryLimit } = effect.limits
  const old = cancelsLegacy(effect, memoryBytes) ? Infinity : bytesOf(MemoryLimit, memoryBytes)
  return MemoryMax?.winner ? bytesOf(MemoryMax, memoryBytes) : old
}

/** What a key comes to where nothing sets it: no memory is promised, and none is denied. */
export function unsetBytes(key: string): number {
  return key === 'MemoryLow' || key === 'MemoryMin' ? 0 : Infinity
}

/** Whether a newer key takes `MemoryLimit=` out of force: any that says something (231 to 257). */
export function cancelsLegacy({ limits }: UnitEffect, memoryBytes: number): boolean {
  return Object.entries(limits).some(([key, limit]) => {
    if (key === 'MemoryLimit' || !limit.winner) return false
    return bytesOf(limit, memoryBytes) !== unsetBytes(key)
  })
}
