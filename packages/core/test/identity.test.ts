import { hostname } from 'node:os'
import { createIdentity, parseIdentity } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'

describe('an identity', () => {
  it('names this process, and differs each time', () => {
    const one = parseIdentity(createIdentity())
    const other = parseIdentity(createIdentity())
    expect(one?.pid).toBe(process.pid)
    expect(one?.host).toBe(hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-'))
    expect(one?.invocation).toMatch(/^[0-9a-f]{12}$/)
    expect(other?.invocation).not.toBe(one?.invocation)
  })

  it('is put together from given parts, and taken apart again', () => {
    const parts = { host: 'node-1.example', pid: 4711, invocation: '0123456789abcdef' }
    expect(createIdentity(parts)).toBe('node-1.example:4711:0123456789abcdef')
    expect(parseIdentity(createIdentity(parts))).toEqual(parts)
  })

  it('has no colon or space from a host', () => {
    expect(createIdentity({ host: 'fe80::1 %eth0', pid: 1, invocation: 'c0ffee' })).toBe(
      'fe80--1--eth0:1:c0ffee',
    )
  })

  it('takes the invocation of a supervisor that writes dashes', () => {
    const invocation = '6f1b9f0e-7f0b-4c62-9a55-0c1d2e3f4a5b'
    expect(parseIdentity(createIdentity({ invocation }))?.invocation).toBe(
      '6f1b9f0e7f0b4c629a550c1d2e3f4a5b',
    )
  })

  it.for(['', 'c0ff', 'C0FFEE', 'unit:1', 'f'.repeat(65)])('refuses the invocation %j', (text) => {
    expect(() => createIdentity({ invocation: text })).toThrow(
      new TypeError(
        `Expected \`invocation\` to be 6 to 64 lower-case hex digits, got ${JSON.stringify(text)}`,
      ),
    )
  })

  it.for(['', 'host', 'host:1', 'host:x:c0ffee', 'host:1:C0FFEE', 'host:1:c0ffee:2', ':1:c0ffee'])(
    'is not %j',
    (text) => {
      expect(parseIdentity(text)).toBeUndefined()
    },
  )

  it('refuses parts that it could not be taken apart into', () => {
    expect(() => createIdentity({ host: '' })).toThrow('Expected `host` to be a name')
    for (const pid of [0, -1, 1.5, Number.NaN]) {
      expect(() => createIdentity({ pid })).toThrow('Expected `pid` to be a whole number from 1')
    }
  })
})
