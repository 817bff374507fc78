import type { DeathCause } from '@worker-recycler/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeIdentity,
  encodeIdentity,
  formatFence,
  parseFence,
} from '../src/names/identity-name.ts'
import { formatJobFileName, MAX_SEQUENCE, parseJobFileName } from '../src/names/job-file-name.ts'
import type { JobFile } from '../src/names/job-file.ts'
import { checkId, checkJobName, checkQueueName, isJobName } from '../src/names/valid-name.ts'

const causes: DeathCause[] = ['recycle', 'stop', 'memory', 'signal', 'crash', 'unknown']
const plain = (max: number) =>
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/).map((text) => text.slice(0, max))
const jobName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(isJobName)
const job: fc.Arbitrary<JobFile> = fc
  .record({
    atEpochMs: fc.integer({ min: 0, max: 9_999_999_999_999 }),
    sequence: fc.integer({ min: 0, max: MAX_SEQUENCE }),
    id: plain(64),
    name: jobName,
    queue: plain(48),
    failures: fc.integer({ min: 0, max: 99_999 }),
    interruptions: fc.integer({ min: 0, max: 99_999 }),
    blamed: fc.integer({ min: 0, max: 99_999 }),
    lastCause: fc.option(fc.constantFrom(...causes), { nil: undefined }),
    suspect: fc.boolean(),
  })
  .map(({ lastCause, ...rest }) => (lastCause === undefined ? rest : { ...rest, lastCause }))

const SAMPLE: JobFile = {
  atEpochMs: 1_767_225_600_000,
  sequence: 1,
  id: 'a1',
  name: 'import:facts',
  queue: 'default',
  failures: 1,
  interruptions: 2,
  blamed: 1,
  lastCause: 'memory',
  suspect: true,
}

describe('file names of jobs', () => {
  it('reads as documented', () => {
    expect(formatJobFileName(SAMPLE)).toBe(
      '1767225600000-0001~a1~import%3Afacts~default~f1i2b1.memory.suspect.json',
    )
  })

  it('come back as they were, and fit into a file name', () => {
    fc.assert(
      fc.property(job, (each) => {
        const name = formatJobFileName(each)
        expect(parseJobFileName(name)).toEqual(each)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        expect(name).toMatch(/^[\w.~%-]+$/)
      }),
    )
  })

  it('sort by time, then by sequence', () => {
    fc.assert(
      fc.property(job, job, (a, b) => {
        fc.pre(a.atEpochMs !== b.atEpochMs || a.sequence !== b.sequence)
        const first =
          a.atEpochMs < b.atEpochMs || (a.atEpochMs === b.atEpochMs && a.sequence < b.sequence)
        expect(formatJobFileName(a) < formatJobFileName(b)).toBe(first)
      }),
    )
  })

  it('are never read from a text that is not exactly one', () => {
    const mutated = fc
      .tuple(job, fc.nat(), fc.string({ minLength: 0, maxLength: 3 }), fc.nat(3))
      .map(([each, at, insert, cut]) => {
        const name = formatJobFileName(each)
        const place = at % (name.length + 1)
        return name.slice(0, place) + insert + name.slice(place + cut)
      })
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        const parsed = parseJobFileName(text)
        expect(parsed ? formatJobFileName(parsed) : text).toBe(text)
      }),
    )
  })

  it.each([
    '1767225600000-0001~a1~paint~default~f01i0b0.json',
    '1767225600000-0001~a1~%70aint~default~f0i0b0.json',
    '1767225600000-0001~a1~paint~default~f0i0b0.json.tmp',
    '1767225600000-0001~..~paint~default~f0i0b0.json',
    '1767225600000-0001~a1~paint~..~f0i0b0.json',
    '1767225600000-0001~a1~%2E%2E%2Fpaint~default~f0i0b0.json',
    '1767225600000-0001~a1~%00~default~f0i0b0.json',
    '1767225600000-0001~a1~%ED%A0%80~default~f0i0b0.json',
    '1767225600000-0001~a1~paint~default~f0i0b0.suspect.memory.json',
    '1767225600000-0001~a1~paint~default~f0i0b0.murder.json',
  ])('refuses %s', (name) => {
    expect(parseJobFileName(name)).toBeUndefined()
  })
})

describe('names that callers choose', () => {
  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\0',
    '-rf',
    '.hidden',
    'a b',
    'a~b',
    'é',
    'x'.repeat(65),
  ])('refuses the id %j', (id) => {
    expect(() => checkId(id)).toThrow(TypeError)
  })

  it.each(['', '..', 'a/b', 'x'.repeat(49)])('refuses the queue %j', (queue) => {
    expect(() => checkQueueName(queue)).toThrow(/^Expected a queue's name to be .*, got /)
  })

  it.each(['', 'a\nb', 'a\u0000', '\u007F', 'é'.repeat(14), '\uD800', 7])(
    'refuses the job name %j',
    (name) => {
      expect(() => checkJobName(name)).toThrow(TypeError)
    },
  )

  it('takes job names that are paths to others: they are written as %XX', () => {
    const name = formatJobFileName({ ...SAMPLE, name: checkJobName('../Actions::Import~1') })
    expect(name).not.toContain('/')
    expect(parseJobFileName(name)?.name).toBe('../Actions::Import~1')
  })
})

describe('names of workers', () => {
  it('come back as they were, and are one path segment', () => {
    const identity = fc
      .tuple(
        fc.string({ minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.stringMatching(/^[0-9a-f]{6,64}$/),
      )
      .map(([host, pid, invocation]) => `${host}:${pid}:${invocation}`)
      .filter((text) => !/\p{Surrogate}/u.test(text))
    fc.assert(
      fc.property(
        identity,
        fc.constantFrom(...causes),
        fc.option(fc.nat(9999)),
        (text, cause, n) => {
          const encoded = encodeIdentity(text)
          expect(decodeIdentity(encoded)).toBe(text)
          expect(encoded).toMatch(/^[\w~%-][\w.~%-]*$/)
          const fence = { identity: text, cause, ...(n === null ? {} : { held: n }) }
          expect(parseFence(formatFence(fence))).toEqual(fence)
        },
      ),
    )
  })

  it.each(['', 'a=murder', '=memory', 'a=memory=x', 'a=memory=1=2', '..=memory', '%2e=memory'])(
    'refuses the fence %j',
    (name) => {
      expect(parseFence(name)).toBeUndefined()
    },
  )
})
