import type { Finding } from '@worker-recycler/core'

/** A finding before those of the same kind are joined. */
export interface Found extends Finding {
  /** Whom it concerns; undefined where the message says so itself. */
  readonly unit?: string
}

const LEVELS = ['error', 'warning', 'info']
const MOST_NAMES = 3

/** What a hundred instances have in common is said once, with their names before it. The worst comes first. */
export function joinFindings(all: readonly Found[]): readonly Finding[] {
  const groups = new Map<string, { readonly found: Found; readonly units: Set<string> }>()
  for (const found of all) {
    const key = JSON.stringify([found.code, found.level, found.message])
    const group = groups.get(key) ?? { found, units: new Set() }
    groups.set(key, group)
    if (found.unit !== undefined) group.units.add(found.unit)
  }
  const joined = Array.from(groups.values(), ({ found: { level, code, message }, units }) => ({
    level,
    code,
    message: units.size === 0 ? message : `${namesText([...units])}: ${message}`,
  }))
  return joined.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
}

function namesText(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES
  const first = names.slice(0, MOST_NAMES).join(', ')
  return rest > 0 ? `${first} and ${rest} more` : first
}
