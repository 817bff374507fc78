import { effectiveOf } from '../host/effective.ts'
import { hardBytesOf, type UnitEffect } from '../host/effects.ts'
import type { FindingInput } from './finding-input.ts'
import type { Found } from './found.ts'

/** Findings on whether the worker comes back after it was killed, and whether its deaths are seen. */
export function restartFindings(input: FindingInput): readonly Found[] {
  return input.effects.flatMap((effect) => {
    const isLimited = hardBytesOf(effect, input.facts.memoryBytes) !== Infinity
    return isLimited ? [...staysAway(effect), ...unseenDeaths(effect, input)] : []
  })
}

/** Each policy, and whether it is followed by a start after a death by memory. */
const POLICIES: Readonly<Record<string, boolean>> = {
  always: true,
  'on-failure': true,
  'on-abnormal': true,
  'on-abort': false,
  'on-success': false,
  'on-watchdog': false,
  no: false,
}

function staysAway({ unit, resolution }: UnitEffect): readonly Found[] {
  const isPolicy = (value: string) => Object.hasOwn(POLICIES, value)
  const { winner } = effectiveOf(resolution, 'Service', 'Restart', isPolicy)
  const policy = winner?.value ?? 'no'
  if (POLICIES[policy] || resolution.loadState !== 'loaded') return []
  const by = winner ? ` of ${winner.path}:${winner.line}` : ', the default,'
  return [
    {
      level: 'warning',
      code: 'restart_policy',
      unit,
      message: `with Restart=${policy}${by} it does not come back after it was killed at its limit. Set on-failure or always (--restart-policy)`,
    },
  ]
}

const OOM_POLICIES: ReadonlySet<string> = new Set(['continue', 'stop', 'kill'])

function unseenDeaths(
  { unit, resolution }: UnitEffect,
  { features, facts }: FindingInput,
): readonly Found[] {
  const isPolicy = (value: string) => OOM_POLICIES.has(value)
  const { winner } = effectiveOf(resolution, 'Service', 'OOMPolicy', isPolicy)
  if (features.oomPolicy && winner?.value !== 'continue') return []
  const why = features.oomPolicy
    ? `with OOMPolicy=continue of ${winner?.path}:${winner?.line}`
    : `with systemd ${facts.version} on cgroup ${facts.hierarchy === 'unified' ? 'v2' : 'v1'}`
  return [
    {
      level: 'info',
      code: 'oom_undetectable',
      unit,
      message: `${why} systemd takes a death by memory for any SIGKILL, and sees that of a child not at all. The hook's record counts OOM kills (--hook)`,
    },
  ]
}
