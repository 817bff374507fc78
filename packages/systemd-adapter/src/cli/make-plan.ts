import type { SystemdPlan } from '../host/plan.ts'
import type { SystemdRequest } from '../host/request.ts'
import type { HostSettings } from '../host/settings.ts'
import type { SystemdHost } from '../systemd-host.ts'
import { Mistake } from './mistake.ts'
import { optionIn } from './option-names.ts'
import { ownInstances } from './own-instances.ts'

/**
 * Reads the host and plans for it, with every instance that has files of ours, as some may not be wanted
 * any more. The TypeError with which the host refuses a request becomes a mistake.
 */
export async function makePlan(
  host: SystemdHost,
  asked: SystemdRequest,
  settings: HostSettings,
  signal: AbortSignal,
): Promise<SystemdPlan> {
  const own = await ownInstances(asked.target, settings)
  const instances = [...new Set([...(asked.instances ?? []), ...own])]
  const request = instances.length > 0 ? { ...asked, instances } : asked
  try {
    return host.plan(request, await host.facts(request, { signal }))
  } catch (error) {
    const option = error instanceof TypeError ? optionIn(error.message) : undefined
    if (!(error instanceof TypeError) || option === undefined) throw error
    throw new Mistake(`${option}: ${error.message}`)
  }
}
