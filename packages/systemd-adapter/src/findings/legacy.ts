import { cancelsLegacy, hardBytesOf, type UnitEffect } from '../host/effects.ts'
import { parseMemorySize } from '../unit-file/memory-size.ts'
import type { FindingInput } from './finding-input.ts'
import type { Found } from './found.ts'

/**
 * `MemoryLimit=` is a trap of its own: from 231 on any newer key cancels it without a word, from 258 on
 * it is ignored, while `systemctl status` may go on showing it.
 */
export function legacyFindings(input: FindingInput): readonly Found[] {
  const { facts, features } = input
  return input.effects.flatMap((effect): readonly Found[] => {
    const old = effect.resolution.assignments.findLast(
      ({ section, key }) => section === 'Service' && key === 'MemoryLimit',
    )
    const limits = old && ['bytes', 'share'].includes(parseMemorySize(old.value).kind)
    if (!limits) return []
    const line = `MemoryLimit=${old.value} of ${old.path}:${old.line}`
    if (!features.memoryLimit) {
      const why = `is ignored by systemd ${facts.version} (since 258)`
      return [found('legacy_ignored', effect, `${line} ${why}`, input)]
    }
    if (!features.memoryMax || !cancelsLegacy(effect, facts.memoryBytes)) return []
    const why = 'is cancelled by the newer memory keys beside it'
    return [found('legacy_cancelled', effect, `${line} ${why}`, input)]
  })
}

function found(code: string, effect: UnitEffect, what: string, { facts }: FindingInput): Found {
  const bytes = hardBytesOf(effect, facts.memoryBytes)
  const isLimited = bytes !== Infinity
  return {
    level: isLimited ? 'warning' : 'error',
    code,
    unit: effect.unit,
    message: isLimited
      ? `${what}. MemoryMax=${bytes} is in force; remove the old line`
      : `${what}. NO hard limit is in force: set MemoryMax, and remove the old line`,
  }
}
