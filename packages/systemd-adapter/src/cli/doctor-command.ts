import type { CallOptions } from '@worker-recycler/core'
import { hierarchyAt, readFacts } from '../host/read-facts.ts'
import type { HostSettings } from '../host/settings.ts'
import type { CommandContext } from './command.ts'
import { diagnose } from './diagnosis.ts'
import { type Diagnosis, doctorText } from './doctor-text.ts'
import { featureList } from './feature-list.ts'
import { hostSettingsOf } from './host-options.ts'
import { readPermission } from './permission.ts'
import { hostText } from './plan-text.ts'
import { unitArgument } from './unit-argument.ts'

/** `doctor`: what this systemd can do, who may apply, and what is wrong with a unit; 1 when something is. */
export async function doctorCommand({
  operands,
  values,
  signal,
  output,
}: CommandContext): Promise<number> {
  const unit = operands[0] === undefined ? undefined : unitArgument(operands[0])
  const settings = hostSettingsOf(values)
  const host = await readHost(settings, { signal })
  const findings = unit === undefined ? [] : await findingsOf(unit, settings, { signal })
  const diagnosis: Diagnosis = {
    ok: findings.every(({ level }) => level !== 'error'),
    ...host,
    features: featureList(host),
    permission: await readPermission(settings),
    ...(unit !== undefined && { unit }),
    findings,
  }
  if (values.json) await output.json(diagnosis)
  else {
    const width = output.screen()?.columns ?? Infinity
    await output.write(doctorText(diagnosis, hostText(host), width))
  }
  return diagnosis.ok ? 0 : 1
}

async function readHost(
  { version, hierarchy, manager, cgroupRoot }: HostSettings,
  call: CallOptions,
): Promise<Pick<Diagnosis, 'version' | 'hierarchy'>> {
  return {
    version: version ?? (await manager.version(call)),
    hierarchy: hierarchy ?? (await hierarchyAt(cgroupRoot)),
  }
}

async function findingsOf(unit: string, settings: HostSettings, call: CallOptions) {
  return diagnose(unit, await readFacts({ target: unit }, settings, call))
}
