import { limitsOf, LIMIT_KEYS, renderLimit } from '../concerns/limits.ts'
import type { Effective } from '../host/effective.ts'
import { bytesOf, cancelsLegacy, type UnitEffect, unsetBytes } from '../host/effects.ts'
import type { KernelLimits } from '../host/facts.ts'
import { featuresOf } from '../host/features.ts'
import type { SystemdPlan } from '../host/plan.ts'
import type { SystemdRequest, UnitLimits } from '../host/request.ts'
import { parseUnitName } from '../unit-file/unit-name.ts'
import { sizeText } from './size-text.ts'

/** One memory key of one unit. */
export interface LimitRow {
  readonly key: string
  readonly limit: Effective
  /** What was asked for; undefined where nothing was. */
  readonly wanted?: string
  /** As the files have it: a size, `not set`, or `cancelled` by a newer key. */
  readonly value: string
  /** What the kernel enforces now, where that can be read. */
  readonly kernelNow?: string
}

const READ_BACK: Readonly<Record<string, keyof KernelLimits>> = {
  MemoryMax: 'max',
  MemoryLimit: 'max',
  MemoryHigh: 'high',
  MemoryLow: 'low',
  MemoryMin: 'min',
  MemorySwapMax: 'swapMax',
}

/** The keys of a unit of which there is something to say: asked for, set by some file, or in force. */
export function limitRows(
  effect: UnitEffect,
  memoryBytes: number,
  wanted: Readonly<Record<string, string>> = {},
): readonly LimitRow[] {
  const { limits, facts } = effect
  const isCancelled = cancelsLegacy(effect, memoryBytes)
  const rows = Object.entries(limits).map(([key, limit]): LimitRow => {
    const field = READ_BACK[key]
    const isVoid = key === 'MemoryLimit' && isCancelled
    const now = field && !isVoid ? facts?.kernel?.[field] : undefined
    return {
      key,
      limit,
      ...(wanted[key] !== undefined && { wanted: wanted[key] }),
      value: isVoid ? 'cancelled' : textOf(limit, memoryBytes),
      ...(now !== undefined && { kernelNow: sizeText(now) }),
    }
  })
  const isSet = ({ limit: { winner, shadowed, ignored } }: LimitRow) =>
    winner !== undefined || shadowed.length > 0 || ignored.length > 0
  const hasMax = rows.some((row) => row.key === 'MemoryLimit' && isSet(row))
  return rows.filter((row) => {
    if (isSet(row) || row.wanted !== undefined) return true
    // The kernel has one limit for both keys: it is told of once.
    if (row.key === 'MemoryLimit' || (row.key === 'MemoryMax' && hasMax)) return false
    return row.kernelNow !== undefined && row.kernelNow !== sizeText(unsetBytes(row.key))
  })
}

function textOf(limit: Effective, memoryBytes: number): string {
  if (!limit.winner) return 'not set'
  const { value } = limit.winner
  // An image does not know of how much memory a share is one.
  return memoryBytes === 0 && /[%‰‱]$/u.test(value) ? value : sizeText(bytesOf(limit, memoryBytes))
}

/** What a plan wants for one unit, by the keys that its systemd knows. */
export function wantedOf(
  { request, facts }: SystemdPlan,
  unit: string,
): Readonly<Record<string, string>> {
  const wanted = Object.entries(limitsFor(unit, request)).map(([name, value]) => {
    const limit = name as keyof UnitLimits
    const isOld = limit === 'max' && !featuresOf(facts).memoryMax
    const text = renderLimit(limit, value as string | number, facts.memoryBytes)
    const size = text === 'infinity' ? text : sizeText(Number(text))
    return [isOld ? 'MemoryLimit' : LIMIT_KEYS[limit].key, size] as const
  })
  return Object.fromEntries(wanted)
}

function limitsFor(unit: string, request: SystemdRequest): UnitLimits {
  const { instance } = parseUnitName(unit)
  return { ...limitsOf(request), ...request.overrides?.[instance ?? ''] }
}
