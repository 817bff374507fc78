import { bytesText } from '@worker-recycler/core'
import { bytesOf, hardBytesOf, type UnitEffect } from '../host/effects.ts'
import type { FindingInput } from './finding-input.ts'
import type { Found } from './found.ts'

/** Findings on what the limits mean for the memory that is there, and in use. */
export function memoryFindings(input: FindingInput): readonly Found[] {
  return input.effects.flatMap((effect) => [
    ...belowUsage(effect, input),
    ...parentLower(effect, input),
    ...swapBypass(effect, input),
    ...highAlone(effect, input),
  ])
}

const hardBytes = (effect: UnitEffect, { facts }: FindingInput): number =>
  hardBytesOf(effect, facts.memoryBytes)

const hardText = (effect: UnitEffect, input: FindingInput): string =>
  `${input.features.memoryMax ? 'MemoryMax' : 'MemoryLimit'}=${bytesText(hardBytes(effect, input))}`

function belowUsage(effect: UnitEffect, input: FindingInput): readonly Found[] {
  const { usedBytes, isActive = false } = effect.facts ?? {}
  if (!isActive || usedBytes === undefined || usedBytes <= hardBytes(effect, input)) return []
  const then =
    input.facts.hierarchy === 'unified'
      ? 'the kernel takes memory away at once, and kills if that is not enough'
      : 'the kernel refuses that (EBUSY), and the old limit stays'
  return [
    {
      level: input.request.belowUsage ? 'warning' : 'error',
      code: 'below_usage',
      unit: effect.unit,
      message: `it uses ${bytesText(usedBytes)}; with ${hardText(effect, input)} ${then}. Recycle it first, or insist with --below-usage`,
    },
  ]
}

function parentLower(effect: UnitEffect, input: FindingInput): readonly Found[] {
  const parent = effect.facts?.parent
  const max = hardBytes(effect, input)
  if (!parent || parent.maxBytes >= max || max === Infinity) return []
  return [
    {
      level: 'warning',
      code: 'parent_lower',
      unit: effect.unit,
      message: `${parent.path} holds ${bytesText(parent.maxBytes)} for all below it, less than ${hardText(effect, input)}; so that is what is in force. Raise the slice, or lower the limit`,
    },
  ]
}

function swapBypass(effect: UnitEffect, input: FindingInput): readonly Found[] {
  const { facts, features } = input
  if (facts.swapBytes === 0 || hardBytes(effect, input) === Infinity) return []
  if (features.swapMax && effect.limits['MemorySwapMax']?.winner) return []
  const next = features.swapMax
    ? 'Set swapMax (--swap-max), 0 for none'
    : `systemd ${facts.version} here cannot limit that`
  return [
    {
      level: 'warning',
      code: 'swap_bypass',
      unit: effect.unit,
      message: `it can grow into ${bytesText(facts.swapBytes)} of swap beyond ${hardText(effect, input)}, as MemorySwapMax is not set. ${next}`,
    },
  ]
}

/** A unit beyond `MemoryHigh` is not killed but stands still; without swap at once, and for ever. */
function highAlone(effect: UnitEffect, input: FindingInput): readonly Found[] {
  const { facts, features } = input
  const high = bytesOf(effect.limits['MemoryHigh'], facts.memoryBytes)
  if (high === Infinity || !features.high) return []
  if (facts.swapBytes > 0 && hardBytes(effect, input) !== Infinity) return []
  return [
    {
      level: 'warning',
      code: 'high_stalls',
      unit: effect.unit,
      message: `at MemoryHigh=${bytesText(high)} the kernel throttles it almost to a standstill and never ends it. Let a recycler with a deadline run in it, and set MemoryMax, too`,
    },
  ]
}
