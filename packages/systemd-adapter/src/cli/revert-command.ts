import { posix } from 'node:path'
import type { AppliedPlan } from '@worker-recycler/core'
import type { PlannedFile } from '../host/planned-file.ts'
import { readFacts } from '../host/read-facts.ts'
import type { SystemdRequest } from '../host/request.ts'
import type { HostSettings } from '../host/settings.ts'
import { systemdHost } from '../systemd-host.ts'
import type { CommandContext } from './command.ts'
import { driftsIn } from './drift-sentences.ts'
import { hostOptionsOf, hostSettingsOf } from './host-options.ts'
import { dropReceipt, readReceipt, receiptPath } from './receipt.ts'
import { changesByHash, planRevert } from './revert-plan.ts'
import { revertText } from './revert-text.ts'
import { unitArgument } from './unit-argument.ts'

const INSIST = '\nNothing was changed. Run it again with --yes to take this back.\n'

/** `revert`: shows what would be taken back; with `--yes` takes it back. */
export async function revertCommand(context: CommandContext): Promise<number> {
  const { operands, values, signal, output, clock } = context
  const unit = unitArgument(operands[0])
  const settings = hostSettingsOf(values)
  const path = await receiptPath(unit, settings, context)
  const receipt = await readReceipt(path, unit)
  const request = { target: unit }
  const applied: AppliedPlan = receipt ?? {
    plan: { request, files: await ownChanges(request, settings, signal), ...NOTHING_ELSE },
    appliedAtEpochMs: clock.epochMs(),
  }
  const steps = await planRevert(applied.plan.files, settings)
  const reverted = values.yes
    ? await systemdHost(hostOptionsOf(values)).takeBack(applied, { signal })
    : undefined
  if (reverted && receipt) await dropReceipt(path)
  const isLive = reverted && !settings.isOffline
  const left = isLive ? driftsIn(await readFacts(request, settings, { signal })) : []
  const by = receipt && path
  if (values.json) {
    await output.json({ reverted: !!reverted, receipt: by, files: steps, ...reverted, left })
  } else {
    const text = revertText({ unit, steps, reverted, receipt: by, left })
    const isIdle = reverted || steps.every(({ action }) => action === 'keep')
    await output.write(`${text}${isIdle ? '' : INSIST}`)
  }
  return 0
}

const NOTHING_ELSE = { commands: [], findings: [] } as const

/** Of the target, and of every instance of a template that is loaded or has files of ours. */
async function ownChanges(
  request: SystemdRequest,
  settings: HostSettings,
  signal: AbortSignal,
): Promise<readonly PlannedFile[]> {
  const { units, writePath, snapshot } = await readFacts(request, settings, { signal })
  const names = new Set([request.target, ...units.map(({ name }) => name)])
  const directories = [...names].map((name) => posix.join(writePath, `${name}.d`))
  return changesByHash(directories, snapshot)
}
