import { describe, expect, it } from 'vitest'
import { causeOf, parseDeathRecord } from '../../src/death/death-record.ts'

const AT_MS = 1_767_225_600_000
const parse = (text: string) => parseDeathRecord(text, AT_MS)

const TEXT = `unit=worker@1.service
invocation=0123456789abcdef0123456789abcdef
result=oom-kill
exitCode=killed
exitStatus=KILL
memoryPeakBytes=2147483648
oomKills=1
`

describe('parseDeathRecord()', () => {
  it('reads what the hook wrote', () => {
    expect(parse(TEXT)).toEqual({
      unit: 'worker@1.service',
      invocation: '0123456789abcdef0123456789abcdef',
      result: 'oom-kill',
      exitCode: 'killed',
      exitStatus: 'KILL',
      atEpochMs: AT_MS,
      memoryPeakBytes: 2_147_483_648,
      oomKills: 1,
    })
  })

  it('takes the first of two lines: nothing that comes later can be forged over it', () => {
    const forged = `${TEXT}unit=other.service\ninvocation=dead\nexitStatus=0\noomKills=9\n`
    expect(parse(forged)).toEqual(parse(TEXT))
  })

  it('takes no number that is none', () => {
    const text = TEXT.replace('=2147483648', '=max').replace('oomKills=1', 'oomKills=-1')
    const record = parse(text)
    expect(record).not.toHaveProperty('memoryPeakBytes')
    expect(record).not.toHaveProperty('oomKills')
  })

  const lengths = Array.from(TEXT, (_letter, length) => length)
  const endsAt = TEXT.indexOf('memoryPeakBytes')

  it('takes a text that was cut off before all that is always there for no record', () => {
    const cut = lengths.filter((length) => length < endsAt)
    expect(cut.map((length) => parse(TEXT.slice(0, length)))).toEqual(cut.map(() => undefined))
  })

  it('takes from one that was cut off later only what is whole', () => {
    const whole = parse(TEXT)
    for (const length of lengths.filter((each) => each >= endsAt)) {
      const record = parse(TEXT.slice(0, length))
      expect(record).toBeDefined()
      expect({ ...whole, ...record }).toEqual(whole)
    }
  })

  it.each([
    ['nothing', ''],
    ['bytes', '\0\u{1F600}\uFFFD'.repeat(1000)],
    ['lines without values', 'unit\ninvocation\nexitStatus\n'],
    ['no unit', TEXT.replace(/^unit=.*\n/, '')],
    ['an invocation that is none', TEXT.replace('invocation=0', 'invocation=../0')],
    ['a text without the status', TEXT.replace(/^exitStatus=.*\n/m, '')],
    ['a JSON object', '{"unit":"worker@1.service","invocation":"ab","exitStatus":1}\n'],
  ])('takes %s for no record', (_title, text) => {
    expect(parse(text)).toBeUndefined()
  })
})

describe('causeOf()', () => {
  const record = {
    unit: 'worker@1.service',
    invocation: 'ab',
    result: 'success',
    exitCode: 'exited',
    exitStatus: '0',
    atEpochMs: 0,
  }

  it.each([
    [{ exitStatus: '75' }, 'recycle'],
    [{ exitStatus: '0' }, 'stop'],
    [{ exitStatus: '1', result: 'exit-code' }, 'crash'],
    [{ exitStatus: '75', result: 'oom-kill' }, 'memory'],
    [{ exitCode: 'killed', exitStatus: 'KILL', result: 'signal' }, 'signal'],
    [{ exitCode: 'killed', exitStatus: 'KILL', result: 'signal', oomKills: 0 }, 'signal'],
    [{ exitCode: 'killed', exitStatus: 'KILL', result: 'signal', oomKills: 1 }, 'memory'],
    [{ exitCode: 'killed', exitStatus: 'TERM', result: 'signal', oomKills: 1 }, 'signal'],
    [{ exitCode: 'dumped', exitStatus: 'ABRT', result: 'watchdog' }, 'signal'],
    [{ exitCode: '', exitStatus: '', result: '' }, 'unknown'],
  ])('of %o is %s', (part, cause) => {
    expect(causeOf({ ...record, ...part })).toBe(cause)
  })

  it('goes by the exit code that the worker recycles with', () => {
    expect(causeOf({ ...record, exitStatus: '99' }, 99)).toBe('recycle')
    expect(causeOf({ ...record, exitStatus: '75' }, 99)).toBe('crash')
  })
})
