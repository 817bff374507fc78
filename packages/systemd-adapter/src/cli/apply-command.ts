import type { SystemdApplied } from '../host/apply.ts'
import type { SystemdPlan } from '../host/plan.ts'
import type { HostSettings } from '../host/settings.ts'
import { systemdHost } from '../systemd-host.ts'
import { type AppliedReport, readApplied, runningOf } from './applied-report.ts'
import { appliedText } from './applied-text.ts'
import { chainReceipts } from './chain-receipts.ts'
import type { CommandContext } from './command.ts'
import { hostOptionsOf, hostSettingsOf } from './host-options.ts'
import { makePlan } from './make-plan.ts'
import { Mistake } from './mistake.ts'
import { isRefused } from './plan-command.ts'
import { planText } from './plan-text.ts'
import { dropReceipt, readReceipt, receiptPath, saveReceipt } from './receipt.ts'
import { requestOf } from './request-options.ts'
import { revertLine } from './revert-line.ts'
import { type Restarted, tryRestart } from './try-restart.ts'
import { unitArgument } from './unit-argument.ts'

const INSIST = 'Nothing was changed. Run it again with --yes to apply this.\n'
const REFUSED = 'Nothing was changed: a plan with errors is not applied. Mend what they tell of.\n'

/** `apply`: shows the plan; with `--yes` applies it, and reads back what is in force. */
export async function applyCommand(context: CommandContext): Promise<number> {
  const { operands, values, signal, output } = context
  if (values.restart && !values.yes) throw new Mistake('--restart belongs to --yes')
  const settings = hostSettingsOf(values)
  if (values.restart && settings.isOffline) throw new Mistake('--restart: nothing runs on an image')
  const request = requestOf(unitArgument(operands[0]), values)
  const host = systemdHost(hostOptionsOf(values))
  const plan = await makePlan(host, request, signal)
  const width = output.screen()?.columns ?? Infinity
  if (!values.yes || isRefused(plan)) {
    const reason = isRefused(plan) ? REFUSED : INSIST
    if (values.json) await output.json({ applied: false, plan })
    else await output.write(`${planText(plan, width)}\n${reason}`)
    return isRefused(plan) ? 1 : 0
  }
  const { applied, receipt } = await applyWithReceipt(plan, settings, context)
  const turns = values.restart ? await restartAll(plan, settings, context) : NOBODY
  const state = await readApplied(applied, settings, signal, values.restart ?? false)
  const takeBack = revertLine(request.target, values)
  const report: AppliedReport = { applied, ...state, ...turns, receipt, takeBack }
  if (values.json) await output.json(jsonOf(report))
  else await output.write(appliedText(report, settings.isOffline, width))
  const isDone = report.notInForce.length === 0 && report.ended.length === 0
  return isDone && turns.restarted.every(({ ok }) => ok) ? 0 : 1
}

/** The receipt comes first: whatever happens while files are written, they can be taken back. */
async function applyWithReceipt(
  plan: SystemdPlan,
  settings: HostSettings,
  context: CommandContext,
): Promise<{ readonly applied: SystemdApplied; readonly receipt: string }> {
  const { clock, signal, values } = context
  const { target } = plan.request
  const receipt = await receiptPath(target, settings, context)
  const earlier = await readReceipt(receipt, target)
  const next = chainReceipts(earlier, { plan, appliedAtEpochMs: clock.epochMs() })
  await saveReceipt(receipt, next)
  try {
    const host = systemdHost(hostOptionsOf(values))
    return { applied: await host.apply(plan, { signal }), receipt }
  } catch (error) {
    // All or nothing: what was written is back as it was.
    await (earlier ? saveReceipt(receipt, earlier) : dropReceipt(receipt))
    throw error
  }
}

type Turns = Pick<AppliedReport, 'restarted' | 'skipped'>

const NOBODY: Turns = { restarted: [], skipped: [] }

/** One after the other, so that never more than one is away; the first that fails ends it. */
async function restartAll(
  plan: SystemdPlan,
  settings: HostSettings,
  { signal, output, values }: CommandContext,
): Promise<Turns> {
  const units = runningOf(plan.effects)
  const restarted: Restarted[] = []
  for (const [index, unit] of units.entries()) {
    if (!values.json) await output.tell(`restarting ${unit} (${index + 1} of ${units.length})`)
    const turn = await tryRestart(unit, settings, signal)
    restarted.push(turn)
    if (!turn.ok) return { restarted, skipped: units.slice(index + 1) }
  }
  return { restarted, skipped: [] }
}

function jsonOf({ applied, effects, ...rest }: AppliedReport): object {
  const { plan, appliedAtEpochMs, reloads } = applied
  return { applied: true, plan, appliedAtEpochMs, reloads, units: effects, ...rest }
}
