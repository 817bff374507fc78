import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { instanceOf, isTemplate, parseUnitName, templateOf } from '../../src/unit-file/unit-name.ts'
import { askSystemd, reasonNotToAsk } from '../kit/oracle.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'

const reason = reasonNotToAsk()
const LONGEST = `${'a'.repeat(255 - '.service'.length)}.service`

const accepts = (name: string) => {
  try {
    return parseUnitName(name).full === name
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return false
  }
}

test('a name comes apart', () => {
  expect(parseUnitName('a-b@c@d.e.service')).toEqual({
    full: 'a-b@c@d.e.service',
    prefix: 'a-b',
    instance: 'c@d.e',
    suffix: '.service',
  })
  expect(parseUnitName('worker.service')).toMatchObject({ prefix: 'worker', instance: undefined })
  expect(parseUnitName('worker.v2.service')).toMatchObject({ prefix: 'worker.v2' })
})

test('a template has instances, and is none', () => {
  const template = parseUnitName('worker@.service')
  expect(isTemplate(template)).toBe(true)
  expect(instanceOf(template, '1').full).toBe('worker@1.service')
  expect(templateOf(parseUnitName('worker@1.service'))).toBe('worker@.service')
  expect(templateOf(parseUnitName('worker.service'))).toBeUndefined()
  for (const instance of ['', '../x', 'a b', 'a/b', 'a\nb', 'x'.repeat(250)]) {
    expect(() => instanceOf(template, instance)).toThrow(TypeError)
  }
  expect(() => instanceOf(parseUnitName('worker.service'), '1')).toThrow(TypeError)
})

const GOOD = [
  'worker.service',
  'worker@.service',
  'worker@1.service',
  'a@b@c.service',
  'a@-.service',
  'a:b_c-d.e.service',
  String.raw`a\x2db.service`,
  String.raw`a@\x2fdev.service`,
  'a@..service',
  'a..service',
  '1.service',
  LONGEST,
]
/** Those that are names to systemd as well. They look like an option, or like a hidden file. */
const REFUSED_BY_US = ['-a.service', '--help.service', '.a.service', '..service', '...service']
const BAD = [
  '',
  'worker',
  '.service',
  '@.service',
  '@1.service',
  'a.socket',
  'a.service.d',
  'a.SERVICE',
  'a.service ',
  ' a.service',
  '../a.service',
  'a/b.service',
  '/a.service',
  'a@../b.service',
  'a b.service',
  'a\tb.service',
  'a\nb.service',
  'a.service\n',
  'é.service',
  'a*.service',
  'a[1].service',
  'a%.service',
  'a$b.service',
  'a;b.service',
  'a\0.service',
  'a~.service',
  'a+b.service',
  `a${LONGEST}`,
]

test.each(GOOD)('%j is a name', (name) => {
  expect(accepts(name)).toBe(true)
})

test.each([...REFUSED_BY_US, ...BAD])('%j is refused in one sentence', (name) => {
  expect(accepts(name)).toBe(false)
})

test('nothing that passes can leave its directory, become an option or end a line', () => {
  const piece = fc.constantFrom(
    'a',
    '-',
    '.',
    '..',
    '/',
    '@',
    '\\',
    ' ',
    '\n',
    '\0',
    '%',
    'x2f',
    'é',
    ':',
    '_',
  )
  const name = fc
    .tuple(fc.array(fc.oneof(piece, fc.string())), fc.constantFrom('.service', '.service', ''))
    .map(([parts, suffix]) => parts.join('') + suffix)
  fc.assert(
    fc.property(name, (text) => {
      if (!accepts(text)) return
      expect(text).toMatch(/^[A-Za-z0-9:_\\][A-Za-z0-9:_.\\@-]*\.service$/)
      expect(text.length).toBeLessThanOrEqual(255)
    }),
    { seed: 252, numRuns: 20_000 },
  )
})

describe.skipIf(reason)(`names${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('that pass are names to the real systemd too; of the others it takes none but what looks like an option or a hidden file', async () => {
    const whole = (name: string) => !/[\s\0]|^$/.test(name)
    const names = [...GOOD, ...REFUSED_BY_US, ...BAD].filter((name) => whole(name))
    const services = names.filter((name) => !name.includes('@.service'))
    const { seen } = await askSystemd([scratchDirectory()], services)
    const known = services.filter((name) => seen.has(name))
    expect(known).toEqual([
      ...GOOD.filter((name) => !name.includes('@.service')),
      ...REFUSED_BY_US,
      'a.socket',
    ])
  })

  it('of random letters pass as they do there', async () => {
    const piece = fc.constantFrom('a', '-', '.', '@', '\\', ':', '_', 'é', '+', '~', '1', 'service')
    const names = fc
      .sample(fc.array(piece, { minLength: 1, maxLength: 6 }), { seed: 252, numRuns: 400 })
      .map((parts) => `${parts.join('')}.service`)
      .filter((name) => !/^[.-]|@\.service$/.test(name))
    const { seen } = await askSystemd([scratchDirectory()], names)
    const different = names.filter((name) => seen.has(name) !== accepts(name))
    expect(different).toEqual([])
  })
})
