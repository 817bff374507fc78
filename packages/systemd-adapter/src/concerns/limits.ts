import { RecyclerError } from '@worker-recycler/core'
import { expectOneOf } from '../expect.ts'
import type { LimitValue, SystemdRequest, UnitLimits } from '../host/request.ts'
import { parseMemorySize, shareBytes } from '../unit-file/memory-size.ts'
import type { ConcernInput, Setting, Wanted } from './concern.ts'

/** Each limit, its key, and whether 0 is a value of it. */
export const LIMIT_KEYS: Readonly<
  Record<keyof UnitLimits, { readonly key: string; readonly zero: boolean }>
> = {
  max: { key: 'MemoryMax', zero: false },
  high: { key: 'MemoryHigh', zero: false },
  low: { key: 'MemoryLow', zero: true },
  min: { key: 'MemoryMin', zero: true },
  swapMax: { key: 'MemorySwapMax', zero: true },
}

const NAMES = Object.keys(LIMIT_KEYS) as (keyof UnitLimits)[]

/** The limits of a request: `softBytes` and `hardBytes` are the plain words for two of them. */
export function limitsOf({ softBytes, hardBytes, limits }: SystemdRequest): UnitLimits {
  return {
    ...(hardBytes !== undefined && { max: hardBytes }),
    ...(softBytes !== undefined && { high: softBytes }),
    ...limits,
  }
}

/**
 * The value as it is written: whole bytes, or `infinity`. Throws a TypeError for what systemd would
 * ignore, as the unit would then run without any limit.
 */
export function renderLimit(
  name: keyof UnitLimits,
  value: LimitValue,
  memoryBytes: number,
): string {
  const { key, zero } = LIMIT_KEYS[name]
  const text = value === Infinity ? 'infinity' : String(value).trim()
  const size = parseMemorySize(text, { zero })
  switch (size.kind) {
    case 'bytes':
      return String(size.bytes)
    case 'share':
      return String(shareBytes(size.permyriad, memoryBytes))
    case 'infinity':
      if (text !== '') return 'infinity'
      throw new TypeError(`${key} is empty: write bytes, or 2G, 500M, 80%, infinity`)
    case 'ignored':
      throw new TypeError(
        `${key}=${text}: systemd would ignore it and run UNLIMITED (${size.reason}); write bytes, or 2G, 500M, 80%`,
      )
  }
}

/** The limits in the words that the host's systemd knows. */
export function limitSettings(
  limits: UnitLimits,
  { request, facts, features }: ConcernInput,
): Wanted {
  const { oomPolicy = 'kill' } = request
  const settings: Setting[] = []
  const dropped: string[] = []
  const set = (key: string, value: string) => settings.push({ section: 'Service', key, value })
  const here = `with systemd ${facts.version} on cgroup ${facts.hierarchy === 'unified' ? 'v2' : 'v1'}`
  const isKnown: Readonly<Record<keyof UnitLimits, boolean>> = {
    max: true,
    high: features.high,
    low: features.high,
    min: features.min,
    swapMax: features.swapMax,
  }
  expectOneOf('oomPolicy', oomPolicy, ['kill', 'stop', 'continue'])
  for (const name of Object.keys(limits)) expectOneOf('limits', name, NAMES)
  for (const name of NAMES) {
    const value = limits[name]
    if (value === undefined) continue
    const { key } = LIMIT_KEYS[name]
    if (facts.memoryBytes === 0) assertNoShare(key, value)
    const text = renderLimit(name, value, facts.memoryBytes)
    if (!isKnown[name]) dropped.push(`${key}=${text} is left out: it does nothing ${here}`)
    else if (name === 'max' && !features.memoryMax) set('MemoryLimit', text)
    else set(key, text)
  }
  if (settings.length === 0 && request.oomPolicy === undefined) return { settings, dropped }
  if (features.oomPolicy) set('OOMPolicy', oomPolicy)
  else if (request.oomPolicy) {
    dropped.push(`OOMPolicy=${oomPolicy} is left out: no OOM kill is noticed ${here}`)
  }
  return { settings, dropped }
}

/** The host on which an image will run may have any memory. */
function assertNoShare(key: string, value: LimitValue): void {
  if (parseMemorySize(String(value)).kind !== 'share') return
  throw new RecyclerError(
    'PLAN_REFUSED',
    `[systemd-adapter] ${key}=${value} is a share of a host that an image does not know: write bytes, or 2G, 500M`,
  )
}
