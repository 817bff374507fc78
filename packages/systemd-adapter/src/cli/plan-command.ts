import type { LimitPlan } from '@worker-recycler/core'
import { systemdHost } from '../systemd-host.ts'
import type { CommandContext } from './command.ts'
import { hostOptionsOf } from './host-options.ts'
import { makePlan } from './make-plan.ts'
import { planText } from './plan-text.ts'
import { requestOf } from './request-options.ts'
import { unitArgument } from './unit-argument.ts'

/** `plan`: everything that `apply` would do; 1 when it would refuse. Changes nothing. */
export async function planCommand({
  operands,
  values,
  signal,
  output,
}: CommandContext): Promise<number> {
  const request = requestOf(unitArgument(operands[0]), values)
  const host = systemdHost(hostOptionsOf(values))
  const plan = await makePlan(host, request, signal)
  if (values.json) await output.json(plan)
  else await output.write(planText(plan, output.screen()?.columns ?? Infinity))
  return isRefused(plan) ? 1 : 0
}

/** Whether `apply` would refuse a plan. */
export function isRefused({ findings }: LimitPlan): boolean {
  return findings.some(({ level }) => level === 'error')
}
