import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { counterIn, growthOf } from '../../src/cgroup/counters.ts'

describe('the counter after a key', () => {
  const STAT = 'anon 11\nfile 22\nfile_mapped 33\nkernel 44\ninactive_file 55\nactive_file 66\n'
  const EVENTS = 'low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n'

  it.each([
    ['file', STAT, 22],
    ['file_mapped', STAT, 33],
    // `active_file` is the end of `inactive_file`.
    ['active_file', STAT, 66],
    ['inactive_file', STAT, 55],
    ['anon', STAT, 11],
    ['low', EVENTS, 1],
    ['oom', EVENTS, 4],
    ['oom_kill', EVENTS, 5],
    ['kill', EVENTS, undefined],
    ['oom_', EVENTS, undefined],
    ['high', 'high 7\nlow 1\n', 7],
    ['high', 'low 1\nhigh 7', 7],
    ['high', 'high 7', 7],
    // The longer key first.
    ['oom', 'oom_kill 5\noom 4\n', 4],
    ['oom', 'oom_kill 5\n', undefined],
    ['high', '', undefined],
    ['high', 'high many\n', undefined],
    ['high', '\n', undefined],
    ['big', 'big 9223372036854771712\n', 9_223_372_036_854_771_712],
  ])('`%s` in %j is %s', (key, text, expected) => {
    expect(counterIn(text, key)).toBe(expected)
  })

  it('is found in whatever order the keys come', () => {
    const key = fc.stringMatching(/^[a-z]{1,3}(_[a-z]{1,3})?$/)
    const entries = fc.uniqueArray(fc.tuple(key, fc.nat()), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(entries, key, (pairs, other) => {
        const text = pairs.map(([name, value]) => `${name} ${value}\n`).join('')
        for (const [name, value] of pairs) expect(counterIn(text, name)).toBe(value)
        const known = new Map(pairs)
        expect(counterIn(text, other)).toBe(known.get(other))
      }),
    )
  })
})

describe('the growth of a counter', () => {
  it.each([
    [3, 5, 2],
    [5, 5, 0],
    // A cgroup that was made anew counts from 0.
    [5, 3, 0],
    [0, 0, 0],
  ])('from %s to %s is %s', (before, now, expected) => {
    expect(growthOf(before, now)).toBe(expected)
  })

  it('adds up to the whole while nothing is started anew', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (steps) => {
        let total = 0
        let grown = 0
        for (const step of steps) {
          grown += growthOf(total, total + step)
          total += step
        }
        expect(grown).toBe(total)
      }),
    )
  })

  it('is never negative', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (before, now) => {
        expect(growthOf(before, now)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
