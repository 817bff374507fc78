import { expectNumber, type NumberRule } from './expect-number.ts'
import type { RecyclerOptions } from './options.ts'

/** The longest delay that a timer takes: 24 days. */
const MAX_MS = 2_147_483_647
const SOME_MS: NumberRule = { min: 0, aboveMin: true, max: MAX_MS }
const EXIT_CODE: NumberRule = { min: 0, max: 255, integer: true }
const SHARE: NumberRule = { min: 0, aboveMin: true, max: 1 }

/** Throws a `TypeError` that names the option, what it should be, and what was given. */
export function checkOptions(options: RecyclerOptions): void {
  expect(isObject(options), 'options', 'an object', options)
  const { source, monitors, policy, enforcer, coordinator, cohort, budget, exitCodes } = options
  expect(isObject(source), 'source', 'a job source', source)
  expect(isListOfObjects(monitors ?? []), 'monitors', 'a list of monitors', monitors)
  expect(isObject(policy ?? {}), 'policy', 'a policy', policy)
  expect(isObject(enforcer ?? {}), 'enforcer', 'an enforcer', enforcer)
  expect(isObject(coordinator ?? {}), 'coordinator', 'a coordinator', coordinator)
  expect(!cohort || coordinator, 'coordinator', 'given with `cohort`, which it guards', coordinator)
  expect(!coordinator || cohort, 'cohort', 'given with `coordinator`', cohort)
  if (cohort) {
    expectText('cohort.name', cohort.name)
    expectNumber('cohort.size', cohort.size, { min: 1, integer: true })
    optional('cohort.maxShare', cohort.maxShare, SHARE)
  }
  const { mode, name, ledgerPath } = options
  expect(
    mode === undefined || mode === 'act' || mode === 'observe',
    'mode',
    "'act' or 'observe'",
    mode,
  )
  if (name !== undefined) expectText('name', name)
  if (ledgerPath !== undefined) expectText('ledgerPath', ledgerPath)
  optional('budget.totalMs', budget?.totalMs, SOME_MS)
  optional('budget.marginMs', budget?.marginMs, { min: 0, max: MAX_MS })
  optional('startMs', options.startMs, SOME_MS)
  optional('warmUpMs', options.warmUpMs, { min: 0 })
  optional('elevatedShare', options.elevatedShare, SHARE)
  optional('exitCodes.recycle', exitCodes?.recycle, EXIT_CODE)
  optional('exitCodes.stop', exitCodes?.stop, EXIT_CODE)
  expectMembers(options)
}

function expectMembers({ logger, clock, hooks = {}, exit, stopRequests }: RecyclerOptions): void {
  const needed: readonly (readonly [string, object | undefined, readonly string[]])[] = [
    ['logger', logger, ['debug', 'info', 'warn', 'error']],
    ['clock', clock, ['nowMs', 'epochMs', 'setTimer']],
    ['hooks', hooks, Object.keys(hooks)],
  ]
  for (const [option, given, members] of needed) {
    if (given === undefined) continue
    for (const member of members) {
      const value: unknown = Reflect.get(Object(given), member)
      if (option === 'hooks' && value === undefined) continue
      expect(typeof value === 'function', `${option}.${member}`, 'a function', value)
    }
  }
  for (const [option, given] of Object.entries({ exit, stopRequests })) {
    expect(given === undefined || typeof given === 'function', option, 'a function', given)
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const isListOfObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject)

function optional(option: string, value: number | undefined, rule: NumberRule): void {
  if (value !== undefined) expectNumber(option, value, rule)
}

function expectText(option: string, value: unknown): void {
  expect(typeof value === 'string' && value !== '', option, 'a text that is not empty', value)
}

function expect(holds: unknown, option: string, expectation: string, received: unknown): void {
  if (holds) return
  throw new TypeError(
    `Expected \`${option}\` to be ${expectation}, got \`${String(received)}\` (${typeof received})`,
  )
}
