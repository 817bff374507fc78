import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { polkitRule, type PolkitRuleOptions } from '../../src/permission/polkit-rule.ts'

const ACTION = 'org.freedesktop.systemd1.manage-units'

/** Runs the rule as polkit would, and asks it. */
function ask(
  options: PolkitRuleOptions,
  asked: { unit: string; verb?: string; user?: string; id?: string },
): unknown {
  const { unit, verb = 'set-property', user = options.user, id = ACTION } = asked
  const rules: ((action: object, subject: object) => unknown)[] = []
  const polkit = {
    addRule: (rule: (typeof rules)[number]) => rules.push(rule),
    Result: { YES: 'yes' },
  }
  runInContext(polkitRule(options), createContext({ polkit }))
  expect(rules).toHaveLength(1)
  const details: Readonly<Record<string, string>> = { unit, verb }
  return rules[0]?.({ id, lookup: (key: string) => details[key] }, { user })
}

function linesFor(name: string): number | 'refused' {
  try {
    return polkitRule({ user: name, units: [name] }).split('\n').length
  } catch (error) {
    if (error instanceof TypeError) return 'refused'
    throw error
  }
}

const options: PolkitRuleOptions = {
  user: 'recycler',
  units: ['worker@.service', 'a.b.service', String.raw`rec\x2dside@one.service`],
}

describe('polkitRule()', () => {
  it.each([
    'worker@1.service',
    'worker@a@b.service',
    String.raw`worker@a\x2db.service`,
    'a.b.service',
    String.raw`rec\x2dside@one.service`,
  ])('lets the user set properties of %s', (unit) => {
    expect(ask(options, { unit })).toBe('yes')
  })

  it.each([
    'worker.service',
    'worker@.service',
    'xworker@1.service',
    'worker@1.service.service.x',
    'worker@1.service\nsshd.service',
    'sshd.service\nworker@1.service',
    'worker@1.slice',
    'worker@1/../sshd.service',
    'worker@1 .service',
    'aXb.service',
    'rec-side@one.service',
    String.raw`rec\x2dside@two.service`,
    '',
  ])('says nothing on %j', (unit) => {
    expect(ask(options, { unit })).toBeUndefined()
  })

  it('says nothing on another verb, user or action', () => {
    const unit = 'worker@1.service'
    expect(ask(options, { unit, verb: 'stop' })).toBeUndefined()
    expect(ask(options, { unit, verb: 'set' })).toBeUndefined()
    expect(ask(options, { unit, user: 'mallory' })).toBeUndefined()
    expect(ask(options, { unit, id: 'org.freedesktop.systemd1.reload-daemon' })).toBeUndefined()
    expect(ask({ ...options, verbs: ['restart'] }, { unit })).toBeUndefined()
    expect(ask({ ...options, verbs: ['restart'] }, { unit, verb: 'restart' })).toBe('yes')
  })

  it.each(['', 'a b', 'x"; polkit.x("', 'a\n', "o'hara", '$user', '-x', 'a/b'])(
    'refuses %j as a user',
    (user) => {
      expect(() => polkitRule({ ...options, user })).toThrow(TypeError)
    },
  )

  it('refuses other verbs, and no units at all', () => {
    const verbs = ['stop'] as unknown as NonNullable<PolkitRuleOptions['verbs']>
    expect(() => polkitRule({ ...options, verbs })).toThrow(/`verbs`/)
    expect(() => polkitRule({ ...options, units: [] })).toThrow(/`units`/)
  })

  it('never matches another unit than the one that it was made for, whatever that is called', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9:_.\\-]{1,8}$/)
    const name = fc
      .tuple(part, fc.option(fc.stringMatching(/^[A-Za-z0-9:_.\\@-]{1,8}$/)))
      .map(([prefix, at]) => (at === null ? `${prefix}.service` : `${prefix}@${at}.service`))
      .filter((each) => !/^[.-]/.test(each))
    fc.assert(
      fc.property(
        name,
        fc.oneof(
          name,
          fc.string().map((text) => `${text}.service`),
        ),
        (own, other) => {
          expect(ask({ user: 'u', units: [own] }, { unit: own })).toBe('yes')
          const isMeant = own === other ? 'yes' : undefined
          expect(ask({ user: 'u', units: [own] }, { unit: other })).toBe(isMeant)
        },
      ),
    )
  })

  it('is made of no unit that is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(linesFor(text)).toBeOneOf([8, 'refused'])
      }),
    )
  })
})
