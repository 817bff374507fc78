import { posix } from 'node:path'
import type { CallOptions, Drift } from '@worker-recycler/core'
import { driftOf, touchedKeys } from './drift.ts'
import type { UnitEffect } from './effects.ts'
import type { UnitFacts } from './facts.ts'
import { featuresOf } from './features.ts'
import { placeOf } from './place-of.ts'
import type { SystemdPlan } from './plan.ts'
import { readUnits } from './read-units.ts'
import { removeIfEmpty, replaceFile } from './replace-file.ts'
import type { HostSettings } from './settings.ts'

/** What became of the manager and the kernel. */
export interface Settled {
  readonly reloads: number
  readonly notInForce: readonly Drift[]
}

/** What of a plan matters now, whoever has made it. */
type Planned = Pick<SystemdPlan, 'files' | 'facts'>

/**
 * Brings what the files say to the manager and to the kernel: one reload, if files were changed or the
 * manager has not read them yet; then the kernel's value of each running unit is read back, and set at
 * once where it is another. Where a reload brings nothing to the kernel (systemd before 235, 256 and
 * 257) that comes first, so that the reload finds the files as they stay.
 */
export async function settle(
  effects: readonly UnitEffect[],
  isChanged: boolean,
  plan: Planned,
  settings: HostSettings,
  call: CallOptions,
): Promise<Settled> {
  if (settings.isOffline) return { reloads: 0, notInForce: [] }
  const read = () => readAll(effects, plan, settings, call)
  const isStale = isChanged || (await read()).some(({ needsReload }) => needsReload)
  const drifts = async () => driftsOf(effects, await read(), plan)
  const set = (found: readonly Drift[]) => setLive(found, plan, settings, call)
  if (isStale && !featuresOf(plan.facts).reloadApplies) await set(await drifts())
  if (isStale) await settings.manager.reload(call)
  const found = await drifts()
  await set(found)
  return { reloads: isStale ? 1 : 0, notInForce: found.length === 0 ? [] : await drifts() }
}

async function setLive(
  drifts: readonly Drift[],
  plan: Planned,
  settings: HostSettings,
  call: CallOptions,
): Promise<void> {
  for (const unit of new Set(drifts.map(({ target }) => target))) {
    const own = drifts.filter(({ target }) => target === unit)
    const values = Object.fromEntries(own.map(({ key, wanted }) => [key, wanted]))
    // What the kernel refuses (EBUSY on v1) shows when it is read again.
    await settings.manager.setRuntime(unit, values, call).catch(() => {})
    call.signal.throwIfAborted()
    await forgetRuntime(unit, Object.keys(values), plan, settings)
  }
}

/** What the kernel enforces for the running units of a plan although the files say otherwise. */
export async function readDrift(
  plan: SystemdPlan,
  settings: HostSettings,
  call: CallOptions,
): Promise<readonly Drift[]> {
  if (settings.isOffline) return []
  return driftsOf(plan.effects, await readAll(plan.effects, plan, settings, call), plan)
}

function readAll(
  effects: readonly UnitEffect[],
  { facts: { hierarchy } }: Planned,
  settings: HostSettings,
  call: CallOptions,
): Promise<readonly UnitFacts[]> {
  const names = effects.filter(({ facts }) => facts).map(({ unit }) => unit)
  return readUnits(names, hierarchy, settings, call)
}

function driftsOf(
  effects: readonly UnitEffect[],
  units: readonly UnitFacts[],
  { files, facts }: Planned,
): readonly Drift[] {
  const features = featuresOf(facts)
  const touched = touchedKeys(files)
  const byName = new Map(units.map((unit) => [unit.name, unit]))
  return effects.flatMap((effect) =>
    driftOf(effect, byName.get(effect.unit), features, facts.memoryBytes, touched),
  )
}

/**
 * The files of `set-property` say what ours say, now; later they would defeat a change of ours, as
 * their names come after. The kernel keeps the value.
 */
async function forgetRuntime(
  unit: string,
  keys: readonly string[],
  { facts: { livePath } }: Planned,
  settings: HostSettings,
): Promise<void> {
  const directory = await placeOf(posix.join(livePath, `${unit}.d`), settings)
  for (const key of keys) await replaceFile(posix.join(directory, `50-${key}.conf`), undefined)
  await removeIfEmpty(directory)
}
