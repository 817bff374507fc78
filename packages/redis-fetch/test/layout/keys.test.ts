import { createIdentity } from '@worker-recycler/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layoutOf } from '../../src/layout/layouts.ts'
import { nativeLayout } from '../../src/layout/native.ts'
import { checkId, checkJobName, checkPrefix, checkQueueName } from '../../src/layout/queue-name.ts'
import { allKeys } from './all-keys.ts'

const plain = (pattern: RegExp) => fc.stringMatching(pattern)
const queueName = plain(/^[A-Za-z0-9_.:-]{1,40}$/)
const prefix = plain(/^[A-Za-z0-9_.:-]{1,20}$/)
const identity = fc
  .record({
    host: plain(/^[A-Za-z0-9._-]{1,30}$/),
    pid: fc.integer({ min: 1, max: 9_999_999_999 }),
    invocation: plain(/^[0-9a-f]{6,64}$/),
  })
  .map(createIdentity)

/** What decides about the slot of a key: a Cluster hashes what is between the first two braces. */
const tagOf = (key: string) => /\{([^}]+)\}/.exec(key)?.[1]

const WHO = 'web-1:42:0a1b2c3d4e5f'

describe('native keys', () => {
  it('read as documented', () => {
    const layout = nativeLayout()
    expect(layout.fleet.workers).toBe('{wr}:workers')
    expect(layout.queue('mail').wait).toBe('{wr/mail}:wait')
    expect(layout.queue('mail').work('h:1:ab')).toBe('{wr/mail}:work:h:1:ab')
    expect(layout.workPattern).toBe('{wr/*}:work:*')
  })

  it('of one queue share a slot, and so do those of the fleet', () => {
    fc.assert(
      fc.property(prefix, queueName, identity, (before, name, who) => {
        const layout = nativeLayout(before)
        const tagsOf = (keys: object) => new Set(Object.values(allKeys(keys, who)).map(tagOf))
        expect(tagsOf(layout.queue(name))).toEqual(new Set([`${before}/${name}`]))
        expect(tagsOf(layout.fleet)).toEqual(new Set([before]))
      }),
    )
  })

  it('of two fleets never meet, and none takes the lists of the other for its own', () => {
    const [outer, inner] = [nativeLayout('wr'), nativeLayout('wr:staging')]
    const work = inner.queue('mail').work('host:1:abcdef')
    expect(work).not.toBe(outer.queue('staging:mail').work('host:1:abcdef'))
    expect(outer.parseWork(work)).toBeUndefined()
    // A dot is a dot.
    expect(
      nativeLayout('a.b').parseWork(nativeLayout('axb').queue('q').work('h:1:ab')),
    ).toBeUndefined()
  })

  it('need a prefix', () => {
    expect(() => nativeLayout('')).toThrow(TypeError)
  })
})

describe.each(['native', 'sidekiq'] as const)('keys of the %s layout', (name) => {
  it('tell whose list it is', () => {
    fc.assert(
      fc.property(prefix, queueName, identity, (before, queue, who) => {
        const layout = layoutOf(name, before)
        const key = layout.queue(queue).work(who)
        expect(layout.parseWork(key)).toEqual({ queue, identity: who })
        const [head = '', tail = ''] = layout.workPattern.split('*')
        expect(key.startsWith(head) && key.includes(tail)).toBe(true)
      }),
    )
  })

  const layout = layoutOf(name)
  const { work, recovering, retry, ...others } = allKeys(layout.queue('mail'), WHO)
  const rest = [...Object.values(others), ...Object.values(allKeys(layout.fleet, WHO))]

  it('are no lists of workers otherwise', () => {
    for (const key of [...rest, '', 'working:queue:', '{wr/mail}:work:', `x${work}`]) {
      expect(layout.parseWork(key), key).toBeUndefined()
    }
  })

  it('are different for different purposes', () => {
    expect(new Set([...rest, work]).size).toBe(rest.length + 1)
    expect(rest.includes(retry ?? '')).toBe(name === 'native')
    expect(recovering === work).toBe(layout.fencedBy === 'fence')
  })

  it('order by time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999_999 }), (epochMs) => {
        const score = layout.score(epochMs)
        expect(layout.epochMsOf(Number(score))).toBe(epochMs)
        expect(score).toMatch(/^\d+(\.\d+)?$/)
      }),
    )
  })
})

it('there is no third layout', () => {
  expect(() => layoutOf('resque' as 'native')).toThrow(
    "Expected `layout` to be 'native' or 'sidekiq', got \"resque\"",
  )
})

const hostile = [
  '',
  ' ',
  'a b',
  'a\n',
  'a}',
  '{a',
  'a*',
  'a?',
  'a[b]',
  'a/b',
  'ä',
  'a\0',
  '\u{1f600}',
  'a'.repeat(129),
]

describe('hostile names', () => {
  it.for([...hostile, undefined, null, 1, {}, ['a']])('%j is refused', (name) => {
    expect(() => checkQueueName(name)).toThrow(TypeError)
    expect(() => checkId(name)).toThrow(TypeError)
  })

  it.for(hostile.slice(1))('%j is no prefix', (name) => {
    expect(() => checkPrefix(name)).toThrow(TypeError)
    expect(() => layoutOf('native', name)).toThrow(TypeError)
    expect(() => layoutOf('sidekiq', name)).toThrow(TypeError)
  })

  it.for(['', 'a'.repeat(257), undefined, 1])('%j is no name of a job', (name) => {
    expect(() => checkJobName(name)).toThrow(TypeError)
  })

  it('ordinary ones are not', () => {
    expect(checkQueueName('Mail:high_1.2-x')).toBe('Mail:high_1.2-x')
    expect(checkId('a'.repeat(128))).toHaveLength(128)
    expect(checkPrefix('')).toBe('')
    expect(checkJobName('Billing::Invoice job')).toBe('Billing::Invoice job')
  })
})
