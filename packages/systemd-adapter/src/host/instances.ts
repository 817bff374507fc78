import type { CallOptions } from '@worker-recycler/core'
import { instanceOf, isTemplate, parseUnitName, type UnitName } from '../unit-file/unit-name.ts'
import { ownTargets } from './own-targets.ts'
import type { SystemdRequest } from './request.ts'
import type { HostSettings } from './settings.ts'

/** The target itself; of a template the instances that are loaded, named, or have files of ours. */
export async function findInstances(
  request: Pick<SystemdRequest, 'target' | 'instances' | 'overrides'>,
  settings: HostSettings,
  call: CallOptions,
): Promise<readonly UnitName[]> {
  const target = parseUnitName(request.target)
  if (!isTemplate(target)) return [target]
  const { instances = [], overrides = {} } = request
  const pattern = `${target.prefix}@*${target.suffix}`
  const [loaded, own] = await Promise.all([
    settings.isOffline ? [] : settings.manager.list(pattern, call),
    ownTargets(settings),
  ])
  const named = [...instances, ...Object.keys(overrides)].map(
    (instance) => instanceOf(target, instance).full,
  )
  return [...new Set([...loaded, ...own, ...named])]
    .toSorted()
    .map((name) => parseUnitName(name))
    .filter(({ prefix, instance, suffix }) => {
      return prefix === target.prefix && suffix === target.suffix && instance !== ''
    })
}
