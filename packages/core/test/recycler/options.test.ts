import { describe, expect, it } from 'vitest'
import type { RecyclerOptions } from '../../src/options.ts'
import { createRecycler } from '../../src/recycler.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { fakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { memoryCoordinator } from '../../src/testing/memory-coordinator.ts'
import { memoryJobSource } from '../../src/testing/memory-job-source.ts'
import { handMonitor } from './hand-monitor.ts'
import { levelPolicy } from './level-policy.ts'

const coordinator = memoryCoordinator({ clock: fakeClock() })
const cohort = { name: 'all', size: 4 }

/** Options may come from JavaScript. */
const create = (options: object) => {
  const whole = { source: memoryJobSource(), ...options }
  return () => createRecycler(whole)
}

describe('options', () => {
  it('may all be left out but the job source', () => {
    expect(create({})).not.toThrow()
    expect(createRecycler({ source: memoryJobSource() }).phase).toBe('created')
  })

  const WRONG: readonly (readonly [object, string])[] = [
    [{ source: undefined }, 'Expected `source` to be a job source, got `undefined` (undefined)'],
    [{ source: 'redis' }, 'Expected `source` to be a job source, got `redis` (string)'],
    [{ monitors: {} }, 'Expected `monitors` to be a list of monitors'],
    [{ monitors: [null] }, 'Expected `monitors` to be a list of monitors'],
    [{ policy: 'default' }, 'Expected `policy` to be a policy, got `default` (string)'],
    [{ enforcer: 1 }, 'Expected `enforcer` to be an enforcer, got `1` (number)'],
    [{ coordinator: true, cohort }, 'Expected `coordinator` to be a coordinator'],
    [{ coordinator }, 'Expected `cohort` to be given with `coordinator`'],
    [{ cohort }, 'Expected `coordinator` to be given with `cohort`'],
    [{ coordinator, cohort: { ...cohort, name: '' } }, 'Expected `cohort.name` to be a text'],
    [{ coordinator, cohort: { ...cohort, size: 1.5 } }, 'Expected `cohort.size` to be an integer'],
    [{ coordinator, cohort: { ...cohort, maxShare: 0 } }, 'Expected `cohort.maxShare`'],
    [{ mode: 'dry' }, "Expected `mode` to be 'act' or 'observe', got `dry` (string)"],
    [{ name: '' }, 'Expected `name` to be a text that is not empty'],
    [{ ledgerPath: 7 }, 'Expected `ledgerPath` to be a text that is not empty, got `7` (number)'],
    [{ budget: { totalMs: Number.NaN } }, 'Expected `budget.totalMs` to be a number above 0'],
    [{ budget: { totalMs: Infinity } }, 'Expected `budget.totalMs`'],
    [{ budget: { marginMs: -1 } }, 'Expected `budget.marginMs` to be a number of at least 0'],
    [{ startMs: 0 }, 'Expected `startMs` to be a number above 0'],
    [{ startMs: '5s' }, 'Expected `startMs`'],
    [{ warmUpMs: -1 }, 'Expected `warmUpMs`'],
    [{ elevatedShare: 2 }, 'Expected `elevatedShare` to be a number above 0 and of at most 1'],
    [{ exitCodes: { recycle: 256 } }, 'Expected `exitCodes.recycle` to be an integer'],
    [{ exitCodes: { stop: 0.5 } }, 'Expected `exitCodes.stop`'],
    [{ logger: { info: () => {} } }, 'Expected `logger.debug` to be a function'],
    [{ clock: { nowMs: 1 } }, 'Expected `clock.nowMs` to be a function, got `1` (number)'],
    [{ hooks: { leaving: 'echo' } }, 'Expected `hooks.leaving` to be a function'],
    [{ exit: 0 }, 'Expected `exit` to be a function, got `0` (number)'],
    [{ stopRequests: ['SIGTERM'] }, 'Expected `stopRequests` to be a function'],
  ]
  for (const [options, message] of WRONG) {
    it(`that are wrong are named: ${message}`, () => {
      expect(create(options)).toThrow(TypeError)
      expect(create(options)).toThrow(message)
    })
  }

  it('refuse a call without any', () => {
    expect(() => createRecycler(undefined as unknown as RecyclerOptions)).toThrow(
      'Expected `options` to be an object',
    )
  })
})

describe('an adapter that does not fit', () => {
  const without = (adapter: object, member: string) => ({ ...adapter, [member]: undefined })
  const enforcer = fakeEnforcer()
  const source = memoryJobSource()

  const REFUSED: readonly (readonly [object, string])[] = [
    [
      { source: enforcer },
      '[fake] is of the kind enforcer, where one of the kind job-source is needed',
    ],
    [{ enforcer: source }, '[memory] is of the kind job-source, where one of the kind enforcer'],
    [{ monitors: [levelPolicy()] }, '[level] is of the kind policy, where one of the kind monitor'],
    [{ policy: handMonitor() }, '[hand] is of the kind monitor, where one of the kind policy'],
    [{ coordinator: source, cohort }, '[memory] is of the kind job-source, where one of the kind'],
    [{ source: { ...source, contract: 2 } }, '[memory] is made for contract 2; this core has'],
    [{ source: { ...source, contract: undefined } }, '[memory] is made for contract undefined'],
    [{ source: {} }, 'What was given as a job-source has no name'],
    [{ source: without(source, 'supports') }, '[memory] does not say what it `supports`'],
    [{ source: without(source, 'handBack') }, '[memory] has no `handBack()`'],
    [{ enforcer: without(enforcer, 'stopping') }, '[fake] has no `stopping()`'],
    [{ monitors: [without(handMonitor(), 'watch')] }, '[hand] has no `watch()`'],
    [{ policy: without(levelPolicy(), 'judge') }, '[level] has no `judge()`'],
    [{ coordinator: without(coordinator, 'acquire'), cohort }, '[memory] has no `acquire()`'],
    [{ source: without(source, 'recover') }, '[memory] declares `supports.recover` but has no'],
    [{ source: without(source, 'throttle') }, '[memory] declares `supports.throttle`'],
    ...(['extendStop', 'saveLedger', 'requests', 'grantHeadroom', 'host'] as const).map(
      (member) => [{ enforcer: without(enforcer, member) }, `but has no \`${member}\``] as const,
    ),
  ]
  for (const [options, message] of REFUSED) {
    it(`is refused at construction: ${message}`, () => {
      expect(create(options)).toThrow(expect.objectContaining({ code: 'ADAPTER_REFUSED' }))
      expect(create(options)).toThrow(message)
    })
  }
})
