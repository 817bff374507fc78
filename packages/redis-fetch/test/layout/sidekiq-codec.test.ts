import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JobChange, NO_HISTORY } from '../../src/layout/job-record.ts'
import { sidekiqCodec } from '../../src/layout/sidekiq-codec.ts'
import { anyChange, changeOf } from './job-change.ts'

const AT = 1_767_225_600_123

const job = (more: object = {}) => ({
  retry: true,
  queue: 'mail',
  class: 'SendMail',
  args: [1, 'ä'],
  jid: 'b4a577edbccf1d805744efa9',
  created_at: 1_767_225_599.5,
  enqueued_at: 1_767_225_600.123_456_7,
  ...more,
})
const bytesOf = (more?: object) => Buffer.from(JSON.stringify(job(more)))
const read = (more?: object) => sidekiqCodec.parse(bytesOf(more), 'found')
const changed = (history: Partial<JobChange>, more?: object) =>
  sidekiqCodec.change(bytesOf(more), { ...NO_HISTORY, ...history }).toString()
/** What is added to the text of the job. */
const added = (history: Partial<JobChange>) => {
  const text = changed(history)
  const before = bytesOf().toString().slice(0, -1)
  expect(text.startsWith(before)).toBe(true)
  return text.slice(before.length)
}

describe('a job of Sidekiq', () => {
  it('is read', () => {
    expect(read()).toEqual({
      id: 'b4a577edbccf1d805744efa9',
      name: 'SendMail',
      queue: 'mail',
      enqueuedAtEpochMs: AT,
      unique: false,
      ...NO_HISTORY,
    })
    expect(sidekiqCodec.payload(bytesOf())).toEqual([1, 'ä'])
    expect(sidekiqCodec.payload(bytesOf({ args: undefined }))).toEqual([])
  })

  it('of ActiveJob has the name of what it wraps', () => {
    expect(read({ class: 'Sidekiq::ActiveJob::Wrapper', wrapped: 'Tidy' })?.name).toBe('Tidy')
    expect(read({ wrapped: null })?.name).toBe('SendMail')
  })

  it('without a queue is of the one where it was found', () => {
    expect(read({ queue: undefined })?.queue).toBe('found')
  })

  it.for<[object, number]>([
    [{ enqueued_at: AT }, AT],
    [{ enqueued_at: undefined }, 1_767_225_599_500],
    [{ enqueued_at: undefined, created_at: AT }, AT],
    [{ enqueued_at: 'now', created_at: null }, 0],
  ])('tells its time, of old versions and new: %j', ([more, epochMs]) => {
    expect(read(more)?.enqueuedAtEpochMs).toBe(epochMs)
  })

  it.for<[object, object]>([
    [{ retry: false }, { maxAttempts: 1, forgetDead: true }],
    [{ retry: 0 }, { maxAttempts: 1 }],
    [{ retry: 5 }, { maxAttempts: 6 }],
    [{ retry: -3 }, { maxAttempts: 1 }],
    [
      { retry: 3, dead: false },
      { maxAttempts: 4, forgetDead: true },
    ],
    [{ retry: undefined }, {}],
    [{ retry: null }, {}],
    [{ retry: '5', dead: true }, {}],
  ])('says how often it may fail: %j', ([more, expected]) => {
    const { maxAttempts, forgetDead } = read(more) ?? {}
    expect({ maxAttempts, forgetDead }).toEqual({
      maxAttempts: undefined,
      forgetDead: undefined,
      ...expected,
    })
  })

  it.for<[object, object]>([
    [{ retry_count: 0 }, { failures: 1 }],
    [{ retry_count: 4 }, { failures: 5 }],
    // A retry by hand takes one off.
    [{ retry_count: -1 }, { failures: 0 }],
    [{ retry_count: null }, { failures: 0 }],
    [{ interrupted_count: 2 }, { blamed: 2, interruptions: 2, lastCause: 'unknown' }],
    [
      {
        interrupted_count: 1,
        worker_recycler: { interruptions: 3, cause: 'memory', suspect: true },
      },
      { blamed: 1, interruptions: 3, lastCause: 'memory', suspect: true },
    ],
    // Ruby has interrupted it since.
    [
      { interrupted_count: 4, worker_recycler: { interruptions: 3 } },
      { blamed: 4, interruptions: 4 },
    ],
    [
      { interrupted_count: '2', worker_recycler: 'x' },
      { blamed: 0, interruptions: 0 },
    ],
    [{ worker_recycler: { cause: 'bored', unique: true } }, { unique: true, interruptions: 0 }],
    [
      { error_class: 'Err', error_message: 'no', failed_at: 1_767_225_600.5, retried_at: AT },
      { error: { name: 'Err', message: 'no', atEpochMs: AT } },
    ],
    [
      { error_message: 'no', failed_at: 1_767_225_600.5 },
      { error: { name: 'Error', message: 'no', atEpochMs: 1_767_225_600_500 } },
    ],
  ])('tells its history: %j', ([more, expected]) => {
    expect(read(more)).toMatchObject(expected)
  })

  it.for<[string, string | Buffer]>([
    ['nothing', ''],
    ['no JSON', '{"class":"A","jid":"b"'],
    ['JSON with a comment', '{"class":"A","jid":"b"} // c'],
    ['bytes that are no UTF-8', Buffer.from('{"class":"A","jid":"\xe4"}', 'latin1')],
    ['a byte order mark', '\uFEFF{"class":"A","jid":"b"}'],
    ['a list', '["class","jid"]'],
    ['null', 'null'],
    ['no class', '{"jid":"b"}'],
    ['no id', '{"class":"A"}'],
    ['a number for an id', '{"class":"A","jid":1}'],
    ['an empty class', '{"class":"","jid":"b"}'],
  ])('is not %s', ([, bytes]) => {
    const given = Buffer.from(bytes as string)
    expect(sidekiqCodec.parse(given, 'mail')).toBeUndefined()
    expect(() => sidekiqCodec.change(given, NO_HISTORY)).toThrow(
      'Expected the bytes of a job of Sidekiq',
    )
    expect(() => sidekiqCodec.payload(given)).toThrow('Expected the bytes of a job of Sidekiq')
  })
})

describe('a new job of Sidekiq', () => {
  const draft = {
    id: 'a1',
    name: 'SendMail',
    queue: 'mail',
    payload: [{ to: 'ä' }, '\\ud800', '\u{1f600}'],
    enqueuedAtEpochMs: AT,
    unique: false,
  }

  it('is written as Sidekiq writes it', () => {
    expect(sidekiqCodec.create({ ...draft, payload: [1] }).toString()).toBe(
      '{"retry":true,"queue":"mail","class":"SendMail","args":[1],"jid":"a1","created_at":1767225600.123,"enqueued_at":1767225600.123}',
    )
    // Sidekiq 8 would take a whole number for milliseconds.
    expect(
      sidekiqCodec.create({ ...draft, enqueuedAtEpochMs: 1_767_225_600_000 }).toString(),
    ).toContain('"enqueued_at":1767225600.0}')
  })

  it('comes back', () => {
    for (const unique of [false, true]) {
      const bytes = sidekiqCodec.create({ ...draft, unique })
      const { payload: enqueued, ...rest } = draft
      expect(sidekiqCodec.parse(bytes, 'x')).toEqual({ ...rest, unique, ...NO_HISTORY })
      expect(sidekiqCodec.payload(bytes)).toEqual(enqueued)
    }
  })

  it.for([{}, undefined, null, 'a', 1, Buffer.of(1)])('takes a list, not %j', (given) => {
    expect(() => sidekiqCodec.create({ ...draft, payload: given })).toThrow(
      "Expected `payload` to be an array, because Sidekiq's jobs take a list of arguments",
    )
  })

  it('is refused when Ruby could not read it', () => {
    expect(() => sidekiqCodec.create({ ...draft, payload: ['\u{1f600}'.slice(0, 1)] })).toThrow(
      'surrogate',
    )
    expect(() => sidekiqCodec.create({ ...draft, payload: ['\\\udc00'] })).toThrow(TypeError)
  })
})

describe('what changes about a job of Sidekiq', () => {
  const error = { name: 'TypeError', message: 'no "x"', atEpochMs: AT }

  it('is written as Sidekiq and the GitLab fetcher would', () => {
    expect(added({ failures: 1, error })).toBe(
      ',"error_message":"no \\"x\\"","error_class":"TypeError","failed_at":1767225600.123,"retry_count":0}',
    )
    expect(added({ interruptions: 1, blamed: 1, lastCause: 'unknown' })).toBe(
      ',"interrupted_count":1}',
    )
    expect(added({ interruptions: 1, blamed: 1, lastCause: 'signal' })).toBe(
      ',"interrupted_count":1,"worker_recycler":{"cause":"signal"}}',
    )
    expect(added({ interruptions: 1, lastCause: 'memory', suspect: true })).toBe(
      ',"worker_recycler":{"interruptions":1,"cause":"memory","suspect":true}}',
    )
  })

  it('is the time of the last failure, beside that of the first', () => {
    const again = { failures: 2, error: { ...error, atEpochMs: AT + 877 } }
    const first = {
      retry_count: 0,
      failed_at: AT,
      error_class: 'E',
      error_message: '',
      error_backtrace: 'x',
    }
    expect(JSON.parse(changed(again, first))).toEqual(
      job({
        retry_count: 1,
        failed_at: AT,
        retried_at: 1_767_225_601,
        error_class: 'TypeError',
        error_message: 'no "x"',
      }),
    )
    expect(changed(again, first)).toContain('"retried_at":1767225601.0')
  })

  it('is its queue when it has another one for retries', () => {
    const more = { retry_queue: 'slow' }
    expect(JSON.parse(changed({ failures: 1, error }, more))).toMatchObject({ queue: 'slow' })
    expect(JSON.parse(changed({ interruptions: 1, blamed: 1 }, more))).toMatchObject({
      queue: 'mail',
    })
  })

  it('is undone when it is released', () => {
    const text = changed({
      failures: 1,
      interruptions: 2,
      blamed: 1,
      lastCause: 'memory',
      suspect: true,
      error,
    })
    expect(sidekiqCodec.change(Buffer.from(text), NO_HISTORY).equals(bytesOf())).toBe(true)
    const ruby = {
      retry_count: 3,
      failed_at: 1.5,
      retried_at: 2.5,
      error_class: 'E',
      error_message: 'm',
      error_backtrace: 'b',
      interrupted_count: 2,
    }
    expect(changed({}, ruby)).toBe(bytesOf().toString())
    expect(changed({}, { retry_count: 3, failed_at: 1.5 })).toBe(bytesOf().toString())
  })

  it('is a message that Ruby can read, and no longer than its own', () => {
    const { error: kept } = sidekiqCodec.parse(
      sidekiqCodec.change(bytesOf(), {
        ...NO_HISTORY,
        error: { ...error, message: `${'a'.repeat(9_999)}\u{1f600}` },
      }),
      'mail',
    )!
    expect(kept?.message).toBe(`${'a'.repeat(9_999)}\uFFFD`)
  })

  it('keeps the reservation of its id', () => {
    const text = changed(
      { interruptions: 1, lastCause: 'stop' },
      { worker_recycler: { unique: true } },
    )
    expect(sidekiqCodec.parse(Buffer.from(text), 'mail')).toMatchObject({
      unique: true,
      lastCause: 'stop',
    })
    const released = sidekiqCodec.change(Buffer.from(text), NO_HISTORY)
    expect(released.equals(bytesOf({ worker_recycler: { unique: true } }))).toBe(true)
  })

  it('comes back, and leaves the rest of the job alone to the byte', () => {
    const json = fc.json({ maxDepth: 3 })
    const rest = fc
      .tuple(json, json, fc.constantFrom('', ' ', '\n'))
      .map(
        ([one, other, space]) =>
          `{"class":"A",${space}"big":9007199254740993001,"args":${space}[${one},1.0,"\\u00e4\\/"],"jid":"b","meta":${other},"meta":1e2${space}}`,
      )
    fc.assert(
      fc.property(rest, fc.array(anyChange, { minLength: 1, maxLength: 4 }), (text, changes) => {
        const before = Buffer.from(text)
        let bytes: Buffer = before
        for (const each of changes) {
          bytes = sidekiqCodec.change(bytes, each)
          expect(changeOf(sidekiqCodec.parse(bytes, 'mail'))).toEqual(each)
          expect(sidekiqCodec.change(bytes, each).equals(bytes)).toBe(true)
        }
        expect(sidekiqCodec.change(bytes, NO_HISTORY).equals(before)).toBe(true)
      }),
    )
  })

  it('is nothing when it stays as it was, whatever its bytes', () => {
    const odd = bytesOf({
      retry_count: -1,
      interrupted_count: 0,
      failed_at: 'x',
      worker_recycler: [],
    })
    expect(sidekiqCodec.change(odd, sidekiqCodec.parse(odd, 'mail')!)).toBe(odd)
  })

  it('can be of a job of 10 MB', () => {
    const bytes = bytesOf({ args: ['ä'.repeat(5 << 20)] })
    const text = sidekiqCodec.change(bytes, { ...NO_HISTORY, failures: 1 })
    expect(text.length).toBe(bytes.length + ',"retry_count":0'.length)
  })
})
