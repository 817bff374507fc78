import { hostRules, rollbackRule } from './enforcer/host.ts'
import { ledgerRules } from './enforcer/ledger.ts'
import { requestRules } from './enforcer/requests.ts'
import type { EnforcerRule } from './enforcer/rule.ts'
import type { EnforcerHarness } from './enforcer/test-bed.ts'
import {
  extendStopRules,
  headroomRules,
  lastExitRule,
  workerSideRules,
} from './enforcer/worker-side.ts'
import { ended, idleSignal, within } from './patience.ts'
import { group, report, type TestRunner } from './runner.ts'
import { inScope } from './scope.ts'

/**
 * The contract of enforcers as tests: registers one test for each rule. Groups that the adapter's own
 * `supports` excludes are reported as skipped, by name.
 */
export function enforcerContract(runner: TestRunner, harness: EnforcerHarness): void {
  const rule: EnforcerRule = (title, play) =>
    runner.it(title, () =>
      inScope(harness, async (bed) => {
        const enforcer = bed.enforcer()
        const options = { signal: idleSignal() }
        const call = <T>(promise: Promise<T> | undefined, what: string) =>
          promise === undefined
            ? Promise.reject(new TypeError(`Nothing to wait for: ${what}`))
            : within(promise, what, harness)
        try {
          await play({ bed, enforcer, options, call })
        } finally {
          await ended(within(enforcer.stop?.(options), 'stop() to resolve', harness))
        }
      }),
    )
  const sample = harness.create('contract-supports')
  const { name, supports } = sample.enforcer()
  const optional = (title: string, supported: boolean, body: () => void) =>
    group(runner, title, body, supported ? false : 'not supported by this adapter')

  runner.describe(`enforcer contract: ${name}`, () => {
    group(runner, 'worker side', () => workerSideRules(rule))
    optional('more time', supports.extendStop, () => extendStopRules(rule))
    optional('head-room', supports.headroom, () => headroomRules(rule))
    optional('last exit', supports.lastExit, () => {
      if (sample.successor) lastExitRule(rule)
      else report(runner, 'last exit: there is no successor on this test bed')
    })
    optional('ledger', supports.ledger, () => ledgerRules(rule))
    optional('requests', supports.requests, () => requestRules(rule))
    optional('host side', supports.host, () => {
      hostRules(rule)
      if (sample.host?.obstruct) rollbackRule(rule)
      else report(runner, 'roll-back: nothing can be made to fail on this test bed')
    })
  })
}
