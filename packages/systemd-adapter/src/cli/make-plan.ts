import type { SystemdPlan } from '../host/plan.ts'
import type { SystemdRequest } from '../host/request.ts'
import type { SystemdHost } from '../systemd-host.ts'
import { Mistake } from './mistake.ts'
import { optionIn } from './option-names.ts'

/** Reads the host and plans for it. The TypeError with which the host refuses a request becomes a mistake. */
export async function makePlan(
  host: SystemdHost,
  request: SystemdRequest,
  signal: AbortSignal,
): Promise<SystemdPlan> {
  try {
    return host.plan(request, await host.facts(request, { signal }))
  } catch (error) {
    const option = error instanceof TypeError ? optionIn(error.message) : undefined
    if (!(error instanceof TypeError) || option === undefined) throw error
    throw new Mistake(`${option}: ${error.message}`)
  }
}
