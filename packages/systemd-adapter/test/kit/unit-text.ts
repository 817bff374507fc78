import fc from 'fast-check'

const raw = (...bytes: number[]) => Buffer.from(bytes).toString('latin1')
const utf8 = (text: string) => Buffer.from(text).toString('latin1')
const MARK = utf8('\uFEFF')

const KEYS = ['MemoryMax', 'MemoryHigh', 'MemorySwapMax', 'MemoryMin', 'Description']
const size = fc.integer({ min: 1, max: 9999 }).map(String)
const blank = fc.constantFrom('', '', '', ' ', '\t', ' \t ')
const odd = fc.constantFrom(
  '\v',
  '\f',
  utf8('\u00A0'),
  utf8('\u2028'),
  utf8('\u0085'),
  '"',
  "'",
  '\\',
  '\\\\',
  '=',
  ']',
  '[',
  '#',
  ';',
  utf8('é'),
  utf8('😀'),
  MARK,
  utf8('\uFFFD'),
  // Not UTF-8: a byte alone, a surrogate, too long a form, too large, and what is no character.
  raw(0xff),
  raw(0xed, 0xa0, 0x80),
  raw(0xc0, 0xaf),
  raw(0xf5, 0x80, 0x80, 0x80),
  utf8('\uFFFE'),
  utf8('\uFDD0'),
)
const assignment = fc
  .tuple(
    blank,
    fc.constantFrom(...KEYS),
    blank,
    fc.constantFrom('=', '=', '=', '=', '', '=='),
    blank,
    size,
    blank,
  )
  .map((parts) => parts.join(''))
const section = fc.constantFrom(
  '[Service]',
  '[Service]',
  '[Service]',
  '[Unit]',
  '[Unit]',
  ' [Service] ',
  '[service]',
  '[ Service ]',
  '[Install]',
  '[X-Own]',
  '[]',
  '[Service]x=1',
  '[Service',
  '[',
  ']',
  '[Serv"ice]',
  '[Ser\\vice]',
)
const comment = fc.constantFrom(
  '#',
  ';',
  '# MemoryMax=5',
  ' ; x',
  '\t# \\',
  '# \\',
  `#${raw(0xff)}`,
)
const line = fc.oneof(
  { weight: 10, arbitrary: assignment },
  { weight: 4, arbitrary: section },
  { weight: 2, arbitrary: comment },
  { weight: 1, arbitrary: blank },
  { weight: 1, arbitrary: fc.tuple(assignment, odd, size).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.tuple(odd, assignment).map((parts) => parts.join('')) },
  fc.tuple(fc.constant(MARK), fc.oneof(assignment, section)).map((parts) => parts.join('')),
  fc.constantFrom('=5', 'MemoryMax', 'Memory', 'Max=5', '5'),
)
const end = fc.oneof(
  { weight: 12, arbitrary: fc.constant('\n') },
  { weight: 2, arbitrary: fc.constant('\r\n') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '\\\n',
      '\\\r\n',
      ' \\\n',
      '\\ \n',
      '\\\\\n',
      '\\\\\\\n',
      '\\\n\r',
      '\\\n\0',
      '\\\r',
    ),
  },
  fc.constantFrom('\r', '\n\r', '\n\n', '\0', '\n\0', '\r\r', '\0\0', '\r\n\0', '\n\r\n'),
)

/** A drop-in such as nobody should write. Every character is a byte. */
export const unitText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', '', MARK, '\n', `# \n${MARK}`, `${MARK}${MARK}`),
    fc.constantFrom('[Service]\n', '[Service]\n', '[Service]\r\n', ''),
    fc.array(fc.tuple(line, end), { minLength: 1, maxLength: 10 }),
    fc.constantFrom('', '', 'MemoryMax=77', 'MemoryMax=7\\', '\\', '\0'),
  )
  .map(([mark, head, lines, last]) => mark + head + lines.flat().join('') + last)
