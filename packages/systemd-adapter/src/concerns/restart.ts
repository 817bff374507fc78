import { expectOneOf, expectWhole } from '../expect.ts'
import type { RestartOptions } from '../host/request.ts'
import type { ConcernInput, Setting, Wanted } from './concern.ts'

const DEFAULTS = {
  policy: 'on-failure',
  exitCode: 75,
  delayMs: 1000,
  starts: 10,
  inMs: 600_000,
  steps: 5,
  maxDelayMs: 60_000,
} as const satisfies Required<RestartOptions>
const DAY_MS = 86_400_000

/**
 * A worker that recycles exits with 75: a success that is followed by a start all the same, so that
 * nothing counts it as a failure. Crashes back off where systemd can (254).
 */
export function restartSettings(
  options: RestartOptions,
  { facts, features }: ConcernInput,
): Wanted {
  const { policy, exitCode, delayMs, starts, inMs, steps, maxDelayMs } = { ...DEFAULTS, ...options }
  expectOneOf('restart.policy', policy, ['on-failure', 'always', 'on-abnormal'])
  expectWhole('restart.exitCode', exitCode, 1, 255)
  expectWhole('restart.delayMs', delayMs, 0, DAY_MS)
  expectWhole('restart.starts', starts, 1, 1_000_000)
  expectWhole('restart.inMs', inMs, 0, DAY_MS)
  expectWhole('restart.steps', steps, 1, 1000)
  expectWhole('restart.maxDelayMs', maxDelayMs, delayMs, DAY_MS)
  const service = (key: string, value: string): Setting => ({ section: 'Service', key, value })
  const settings = [
    ...startLimit(inMs, starts, features.startLimitInUnit),
    service('Restart', policy),
    service('RestartSec', `${delayMs}ms`),
    service('SuccessExitStatus', String(exitCode)),
    service('RestartForceExitStatus', String(exitCode)),
  ]
  if (!features.restartSteps) {
    const why = `systemd ${facts.version} has no RestartSteps (254): crashes are followed by starts at a steady pace`
    return { settings, dropped: [why] }
  }
  return {
    settings: [
      ...settings,
      service('RestartSteps', String(steps)),
      service('RestartMaxDelaySec', `${maxDelayMs}ms`),
    ],
    dropped: [],
  }
}

function startLimit(inMs: number, starts: number, isInUnit: boolean): readonly Setting[] {
  const section = isInUnit ? 'Unit' : 'Service'
  const interval = isInUnit ? 'StartLimitIntervalSec' : 'StartLimitInterval'
  return [
    { section, key: interval, value: `${inMs}ms` },
    { section, key: 'StartLimitBurst', value: String(starts) },
  ]
}
