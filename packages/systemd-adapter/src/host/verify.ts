import type { AppliedPlan, CallOptions, Drift } from '@worker-recycler/core'
import { placeOf } from './place-of.ts'
import type { SystemdPlan } from './plan.ts'
import { readState } from './replace-file.ts'
import type { HostSettings } from './settings.ts'
import { readDrift } from './settle.ts'

/** Finds the files that are not as they were applied, and the limits that the kernel does not enforce. */
export async function verify(
  applied: AppliedPlan,
  settings: HostSettings,
  call: CallOptions,
): Promise<readonly Drift[]> {
  call.signal.throwIfAborted()
  const plan = applied.plan as SystemdPlan
  const drifts: Drift[] = []
  for (const { path, after } of plan.files) {
    const now = await readState(await placeOf(path, settings))
    if (now?.text === after && now?.isRegular !== false) continue
    drifts.push({
      target: plan.request.target,
      key: path,
      wanted: after ?? 'no file',
      actual: now?.isRegular === false ? 'a link or a directory' : (now?.text ?? 'no file'),
    })
  }
  return [...drifts, ...(await readDrift(plan, settings, call))]
}
