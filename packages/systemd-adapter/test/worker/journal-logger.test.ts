import { fstatSync } from 'node:fs'
import { RecyclerError } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { journalLogger } from '../../src/worker/journal-logger.ts'

const STREAM = '8:4711'

/** A logger whose standard output leads to the journal, and what it wrote. */
function logged(options: Parameters<typeof journalLogger>[0] = {}) {
  const written: string[] = []
  const write = (text: string) => void written.push(text)
  const logger = journalLogger({
    env: { JOURNAL_STREAM: STREAM },
    stream: STREAM,
    write,
    ...options,
  })
  return { logger, written }
}

describe('the priority before a line', () => {
  it('is the level’s where standard output leads to the journal', () => {
    const { logger, written } = logged()
    logger.debug({}, 'a')
    logger.info({}, 'b')
    logger.warn({}, 'c')
    logger.error({}, 'd')
    expect(written).toEqual(['<7>a\n', '<6>b\n', '<4>c\n', '<3>d\n'])
  })

  it.each([
    ['leads elsewhere', { JOURNAL_STREAM: '8:4712' }],
    ['leads to the same inode of another device', { JOURNAL_STREAM: '9:4711' }],
    ['has no journal to lead to', {}],
  ])('is left out where standard output %s', (_title, env: Readonly<Record<string, string>>) => {
    const { logger, written } = logged({ env })
    logger.error({}, 'd')
    expect(written).toEqual(['d\n'])
  })

  it('goes by the device and the inode of standard output', () => {
    const { dev, ino } = fstatSync(1)
    const written: string[] = []
    const write = (text: string) => void written.push(text)
    journalLogger({ env: { JOURNAL_STREAM: `${dev}:${ino}` }, write }).warn({}, 'here')
    journalLogger({ env: { JOURNAL_STREAM: `${dev}:${ino + 1}` }, write }).warn({}, 'there')
    expect(written).toEqual(['<4>here\n', 'there\n'])
  })
})

describe('a line', () => {
  it('is the message, then the fields in their order', () => {
    const { logger, written } = logged()
    logger.info({ unit: 'worker@1.service', bytes: 1024, isFirst: true, big: 2n ** 62n }, 'Granted')
    logger.info({ b: 1, a: 2 }, 'In this order')
    expect(written).toEqual([
      '<6>Granted: unit=worker@1.service, bytes=1024, isFirst=true, big=4611686018427387904\n',
      '<6>In this order: b=1, a=2\n',
    ])
  })

  it('tells reasons by their sentences, and leaves out what says nothing', () => {
    const { logger, written } = logged()
    const reasons = [
      { code: 'soft', message: 'Memory is at 81 %' },
      { code: 'age', message: 'It is old' },
    ]
    logger.warn({ reasons, heldBy: [], none: undefined, nothing: null, call: () => {} }, 'Recycle')
    expect(written).toEqual(['<4>Recycle: reasons=Memory is at 81 %; It is old\n'])
  })

  it('tells other objects by their simple values, those in them as well, and no deeper', () => {
    const { logger, written } = logged()
    const jobs = { inFlight: 1, unknown: [{ id: 'a' }], deeper: { still: true } }
    const ledger = { leaving: 'recycle', uptimeMs: 76.42550000001, jobs, phases: [{ ms: 1 }] }
    const recovered = [
      { id: 'a', to: 'queue' },
      { id: 'b', to: 'quarantine' },
    ]
    logger.info({ ledger, recovered }, 'Worker stopped')
    expect(written).toEqual([
      '<6>Worker stopped: ledger={leaving=recycle, uptimeMs=76.426, jobs={inFlight=1}}, recovered={id=a, to=queue}; {id=b, to=quarantine}\n',
    ])
  })

  it('tells an error by its sentence, and its cause once', () => {
    const { logger, written } = logged()
    const cause = new Error('Access denied')
    logger.error({ error: new Error('Not raised', { cause }) }, 'Adapter failed')
    const coded = new RecyclerError('NOT_PERMITTED', 'Not raised: Access denied', { cause })
    logger.error({ err: coded }, 'Adapter failed')
    expect(written).toEqual([
      '<3>Adapter failed: error=Not raised (Access denied)\n',
      '<3>Adapter failed: err=Not raised: Access denied\n',
    ])
  })

  it.each([
    ['a newline', '\n'],
    ['a carriage return and a newline', '\r\n'],
    ['a carriage return', '\r'],
    ['a NUL, which ends a line for the journal', '\0'],
    ['a line separator', '\u2028'],
    ['the beginning of a colour, for which the journal would show a blob', '\u001B'],
    ['many', '\n \0\t\n'],
  ])('is one line and of one priority whatever holds %s', (_title, text) => {
    const { logger, written } = logged()
    const forged = `of a job${text}<0>The host burns`
    logger.warn({ name: forged, error: new Error(forged), [`k${text}ey`]: [forged] }, forged)
    expect(written).toEqual([
      '<4>of a job <0>The host burns: name=of a job <0>The host burns, error=of a job <0>The host burns, k ey=of a job <0>The host burns\n',
    ])
  })
})
