import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editMembers } from '../../src/layout/json-members.ts'

const space = fc.constantFrom('', '', ' ', '\n  ', '\t', '\r\n')
const keys = ['a', 'b', 'retry_count', 'x"y\\', 'ä', '__proto__', '{', ',:']
const key = fc.oneof(
  fc.constantFrom(...keys).map((name) => JSON.stringify(name)),
  // The same letter, written otherwise.
  fc.constantFrom(String.raw`"\u0061"`, String.raw`"\u0062"`),
)
const leaf = fc.oneof(
  fc.constantFrom('90071992547409931234567890', '-0', '1.50', '1E+400', '0.1e-7', 'null', 'true'),
  fc.constantFrom(String.raw`"\u00e4\/\ud83d\ude00\ud800"`, '"}],{[:,\\""', '"\u2028"', '""'),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.integer().map(String),
)
const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('list'), tie('object')),
  list: fc
    .tuple(space, fc.array(fc.tuple(space, tie('value'), space), { maxLength: 3 }))
    .map(([inner, items]) => `[${items.map((each) => each.join('')).join(',') || inner}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(space, key, space, tie('value'), space), { maxLength: 3 }))
    .map(([inner, all]) => {
      const members = all.map(([a, name, b, each, c]) => `${a}${name}${b}:${b}${each}${c}`)
      return `{${members.join(',') || inner}}`
    }),
}))

/** An object as its members, so that a test knows which characters are whose. */
const members = fc.array(fc.record({ before: space, key, colon: space, value, after: space }), {
  maxLength: 6,
})
type Member = typeof members extends fc.Arbitrary<(infer M)[]> ? M : never
const print = ({ before, key: name, colon, value: json, after }: Member) =>
  `${before}${name}${colon}:${colon}${json}${after}`
const parsed = (text: string) => Object.entries(JSON.parse(text) as object)

const edits = fc
  .array(fc.tuple(fc.constantFrom(...keys), fc.option(leaf, { nil: undefined })), { maxLength: 4 })
  .map((pairs) => new Map(pairs))

describe('members of an object', () => {
  it('that are edited leave all others as they are, to the character', () => {
    fc.assert(
      fc.property(space, members, edits, (around, all, changes) => {
        const text = `${around}{${all.map(print).join(',') || around}}${around}`
        const result = editMembers(text, changes)
        // It is valid, and says what it said, and what was edited.
        const expected = new Map<string, unknown>(parsed(text))
        for (const [name, json] of changes) {
          if (json === undefined) expected.delete(name)
          else expected.set(name, JSON.parse(json))
        }
        expect(new Map(parsed(result))).toEqual(expected)
        // Every member that no edit names is there as it was written.
        let from = 0
        for (const { key: name, colon, value: json } of all) {
          if (changes.has(JSON.parse(name) as string)) continue
          const at = result.indexOf(`${name}${colon}:${colon}${json}`, from)
          expect(at, `${name} in ${result}`).toBeGreaterThanOrEqual(from)
          from = at + 1
        }
        expect(editMembers(text, new Map())).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })

  it('come off again as they were put on', () => {
    const additions = new Map([
      ['new', '1'],
      ['newer', '{"a":[]}'],
    ])
    const removals = new Map([...additions.keys()].map((name) => [name, undefined]))
    fc.assert(
      fc.property(members, (all) => {
        const text = `{${all.map(print).join(',')}}`
        expect(editMembers(editMembers(text, additions), removals)).toBe(text)
      }),
    )
  })

  it.for<[string, Record<string, string | undefined>, string]>([
    ['{}', { a: '1' }, '{"a":1}'],
    ['{ }', { a: '1' }, '{"a":1 }'],
    ['{"a":1}', { a: undefined }, '{}'],
    ['{ "a" : 1 , "b" : 2 }', { a: undefined }, '{ "b" : 2 }'],
    ['{ "a" : 1 , "b" : 2 }', { b: undefined }, '{ "a" : 1 }'],
    ['{ "a" : 1 , "b" : 2 }\n', { c: '3' }, '{ "a" : 1 , "b" : 2,"c":3 }\n'],
    ['{"a":1,"b":2,"a":3}', { a: '4' }, '{"a":1,"b":2,"a":4}'],
    ['{"a":1,"b":2,"\\u0061":3}', { a: undefined }, '{"b":2}'],
    ['{"a":{"b":1}}', { b: '2' }, '{"a":{"b":1},"b":2}'],
  ])('%s with %j', ([text, changes, expected]) => {
    expect(editMembers(text, new Map(Object.entries(changes)))).toBe(expected)
  })

  it('may nest deeper than any stack', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    expect(editMembers(deep, new Map([['b', '1']]))).toBe(`${deep.slice(0, -1)},"b":1}`)
  })
})
