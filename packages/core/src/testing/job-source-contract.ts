import { abortRules } from './job-source/abort.ts'
import { fencingRules } from './job-source/fencing.ts'
import { fetchRules } from './job-source/fetch.ts'
import { handBackRules } from './job-source/hand-back.ts'
import { leaseRules, registrationRule } from './job-source/lease.ts'
import { quiesceRules } from './job-source/quiesce.ts'
import { recoverRules, sweepRule } from './job-source/recover.ts'
import type { JobSourceRule } from './job-source/rule.ts'
import { playScene } from './job-source/scene.ts'
import { signalRules, stopRules } from './job-source/stop.ts'
import type { JobSourceHarness } from './job-source/test-bed.ts'
import { throttleRules } from './job-source/throttle.ts'
import { group, report, type TestRunner } from './runner.ts'

/**
 * The contract of job sources as tests: registers one test for each rule, on a storage of its own.
 * Groups that the adapter's own `supports` excludes are reported as skipped, by name.
 */
export function jobSourceContract(runner: TestRunner, harness: JobSourceHarness): void {
  const rule: JobSourceRule = (title, play) => runner.it(title, () => playScene(harness, play))
  const bed = harness.create('contract-supports')
  const idle = async () => {}
  const { name, supports } = bed.source({ handlers: { paint: idle, glaze: idle }, concurrency: 1 })
  const unless = (supported: boolean) => (supported ? false : 'not supported by this adapter')

  runner.describe(`job source contract: ${name}`, () => {
    group(runner, 'fetch', () => fetchRules(rule))
    group(runner, 'leases', () => {
      leaseRules(rule)
      if (bed.oracle.registered) registrationRule(rule)
      else report(runner, 'registration: not read by this oracle')
    })
    group(runner, 'quiesce', () => quiesceRules(rule))
    group(runner, 'abort', () => abortRules(rule), unless(supports.abort))
    group(runner, 'hand-back', () => handBackRules(rule))
    group(
      runner,
      'recover',
      () => {
        recoverRules(rule)
        if (bed.expire) sweepRule(rule)
        else report(runner, 'recovery without a name: no death can be proven on this test bed')
      },
      unless(supports.recover),
    )
    group(runner, 'fencing', () => fencingRules(rule), unless(supports.fencing && supports.recover))
    group(runner, 'throttle', () => throttleRules(rule), unless(supports.throttle))
    group(runner, 'stop', () => {
      stopRules(rule)
      signalRules(rule)
    })
  })
}
