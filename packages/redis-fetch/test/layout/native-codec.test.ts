import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JobDraft, NO_HISTORY } from '../../src/layout/job-record.ts'
import { jsonOf, nativeCodec } from '../../src/layout/native-codec.ts'
import { anyChange, changeOf } from './job-change.ts'

const DRAFT: JobDraft = {
  id: 'a1',
  name: 'import:facts',
  queue: 'mail',
  payload: { rows: [1, 'ä\n'] },
  enqueuedAtEpochMs: 1_767_225_600_123,
  unique: true,
}

const body = (bytes: Buffer) => bytes.subarray(bytes.indexOf(0x0a) + 1)
const line = (header: unknown) => Buffer.from(`${JSON.stringify(header)}\n1`)

describe('a job of the native layout', () => {
  it('is one line and the payload', () => {
    expect(nativeCodec.create(DRAFT).toString()).toBe(
      '{"id":"a1","name":"import:facts","queue":"mail","at":1767225600123,"unique":true}\n{"rows":[1,"ä\\n"]}',
    )
  })

  it('comes back as it was enqueued', () => {
    const { payload: enqueued, ...rest } = DRAFT
    expect(nativeCodec.parse(nativeCodec.create(DRAFT), 'elsewhere')).toEqual({
      ...rest,
      ...NO_HISTORY,
    })
    expect(nativeCodec.payload(nativeCodec.create(DRAFT))).toEqual(enqueued)
    expect(nativeCodec.payload(nativeCodec.create({ ...DRAFT, payload: undefined }))).toBeNull()
  })

  it('keeps bytes as they are, line feeds among them, whatever happens to it', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom(0x0a, 0x7b, 0xff, 0), { maxLength: 20 })
        .map((each) => Uint8Array.from(each)),
    )
    fc.assert(
      fc.property(bytes, fc.array(anyChange, { maxLength: 4 }), (binary, changes) => {
        let job = nativeCodec.create({ ...DRAFT, payload: binary })
        for (const each of changes) {
          job = nativeCodec.change(job, each)
          expect(changeOf(nativeCodec.parse(job, 'mail'))).toEqual(each)
        }
        expect(Buffer.compare(body(job), binary)).toBe(0)
        expect(nativeCodec.payload(job)).toEqual(Buffer.from(binary))
      }),
    )
  })

  it('never has its JSON written a second time', () => {
    const job = Buffer.from(
      '{"id":"a","name":"b","queue":"c","at":1}\n { "n": 90071992547409931 }\n',
    )
    const failed = nativeCodec.change(job, { ...NO_HISTORY, failures: 1 })
    expect(body(failed).equals(body(job))).toBe(true)
    expect(nativeCodec.change(failed, NO_HISTORY).equals(job)).toBe(true)
  })

  it('keeps what a newer version says about it', () => {
    const job = nativeCodec.change(
      line({ id: 'a', name: 'b', queue: 'c', at: 1, tenant: 'x' }),
      NO_HISTORY,
    )
    expect(job.toString()).toContain('"tenant":"x"')
  })

  it('can have 10 MB', () => {
    const binary = Buffer.alloc(10 << 20, '\n{"id":"b"}')
    const job = nativeCodec.change(nativeCodec.create({ ...DRAFT, payload: binary }), {
      ...NO_HISTORY,
      failures: 2,
    })
    expect(nativeCodec.parse(job, 'mail')).toMatchObject({ id: 'a1', failures: 2 })
    expect(binary.equals(nativeCodec.payload(job) as Buffer)).toBe(true)
  })
})

describe('bytes that are no job of the native layout', () => {
  const valid = nativeCodec.create(DRAFT)
  it.for<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['no line feed', valid.subarray(0, valid.indexOf(0x0a))],
    ['no JSON', Buffer.from('{"id":"a","name"\n1')],
    [
      'half a character',
      Buffer.concat([Buffer.from('{"id":"a","name":"'), Buffer.of(0xc3, 0x22, 0x7d, 0x0a)]),
    ],
    ['null', Buffer.from('null\n1')],
    ['a list', Buffer.from('["id"]\n1')],
    ['no id', line({ name: 'a' })],
    ['an empty id', line({ id: '', name: 'a' })],
    ['a number for a name', line({ id: 'a', name: 1 })],
    ['a job of Sidekiq', Buffer.from('{"class":"A","jid":"b","args":[]}')],
  ])('%s', ([, bytes]) => {
    expect(nativeCodec.parse(bytes, 'mail')).toBeUndefined()
    expect(() => nativeCodec.change(bytes, NO_HISTORY)).toThrow('Expected the bytes of a job')
    expect(() => nativeCodec.payload(bytes)).toThrow('Expected the bytes of a job')
  })

  it('any', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(nativeCodec.parse(Buffer.from(bytes), 'mail')).toBeUndefined()
      }),
    )
  })

  it('a record that makes no sense counts as none', () => {
    const odd = {
      failures: -1,
      interruptions: 'x',
      blamed: null,
      cause: 'bored',
      suspect: 1,
      error: 'no',
    }
    expect(nativeCodec.parse(line({ id: 'a', name: 'b', at: 'c', ...odd }), 'mail')).toEqual({
      id: 'a',
      name: 'b',
      queue: 'mail',
      enqueuedAtEpochMs: 0,
      unique: false,
      ...NO_HISTORY,
    })
  })
})

it.for([() => 1, Symbol('a'), 1n])('a payload that JSON cannot hold is refused: %s', (value) => {
  expect(() => jsonOf(value)).toThrow(TypeError)
})
