import type { AppliedPlan, CallOptions } from '@worker-recycler/core'
import { effectsFor } from './plan.ts'
import { readFacts } from './read-facts.ts'
import type { HostSettings } from './settings.ts'
import { settle } from './settle.ts'

/** Brings manager and kernel back to what the files say now: after a plan's were put back. */
export async function settleAgain(
  { request, files }: AppliedPlan['plan'],
  isChanged: boolean,
  settings: HostSettings,
  call: CallOptions,
): Promise<void> {
  if (settings.isOffline) return
  const facts = await readFacts(request, settings, call)
  await settle(effectsFor(request, facts), isChanged, { files, facts }, settings, call)
}
