import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMemorySize, shareBytes } from '../../src/unit-file/memory-size.ts'
import { askSystemd, hostMemory, reasonNotToAsk } from '../kit/oracle.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { writeTree } from '../kit/tree.ts'

const reason = reasonNotToAsk()
const VALUES = Number(process.env['MEMORY_SIZE_VALUES'] ?? 3000)
const SEED = Number(process.env['MEMORY_SIZE_SEED'] ?? 252)
const HANG_MS = 300_000
const INFINITY = 2n ** 64n - 1n
/** What stays when a value is ignored. */
const BEFORE = 123_457n

const digits = fc.stringMatching(/^\d{1,4}$/)
const blank = fc.constantFrom('', '', '', '', ' ', '  ', '\t')
const suffix = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'B', 'K', 'M', 'G', 'T', 'P', 'E') },
  fc.constantFrom('g', 'k', 'i', 'GB', 'Gi', 'e9'),
)
const number = fc.oneof(
  { weight: 6, arbitrary: digits },
  { weight: 4, arbitrary: fc.tuple(digits, digits).map(([a, b]) => `${a}.${b}`) },
  { weight: 1, arbitrary: fc.stringMatching(/^\d{17,21}$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^0\.\d{15,20}$/) },
  fc.constantFrom(
    '',
    '.',
    '.5',
    '5.',
    '0',
    '00',
    '007',
    '0x1f',
    '0b1',
    '0o7',
    '-0',
    '-5',
    '+5',
    '+-5',
  ),
  fc.bigInt({ min: 2n ** 64n - 4n, max: 2n ** 64n + 4n }).map(String),
)
const term = fc.tuple(blank, number, blank, suffix).map((parts) => parts.join(''))
const sum = fc.array(term, { minLength: 2, maxLength: 3 }).map((terms) => terms.join(''))
const percent = fc
  .tuple(
    blank,
    fc.oneof(
      fc.integer({ min: 0, max: 110 }).map(String),
      fc.tuple(fc.nat(101), fc.stringMatching(/^\d{0,3}$/)).map(([a, b]) => `${a}.${b}`),
      fc
        .tuple(fc.constantFrom('0x', '0X', '0b', '0o', '0', '+', '-', '0b+', '0x-'), digits)
        .map((parts) => parts.join('')),
      number,
    ),
    fc.constantFrom('', '', '', ' ', '%'),
    fc.constantFrom('%', '%', '%', '‰', '‱'),
  )
  .map((parts) => parts.join(''))
const value = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(term, sum) },
  { weight: 3, arbitrary: percent },
  { weight: 2, arbitrary: fc.stringMatching(/^[0-9.,KMGTPEB% +eib-]{1,8}$/) },
  fc.constantFrom(
    'infinity',
    'Infinity',
    'infinity%',
    'max',
    'none',
    '"1G"',
    '1G # much',
    '1G;',
    'inf',
  ),
)

/** What people write, and what lies at the edges. */
const TABLE = [
  '2G',
  '1.5G',
  '1G500M',
  '2 G',
  '33.3%',
  '100%',
  '8E',
  '15E',
  '15.5E',
  '16E',
  '1',
  '0',
  '0%',
  '2GB',
  '2g',
  '2Gi',
  '2GiB',
  'max',
  '-1',
  '200%',
  '1e9',
  '0x10',
  '18446744073709551614',
  '18446744073709551615',
]

/** The bytes that a key comes to. */
function ours(text: string, zero: boolean, memoryBytes: number): bigint {
  // systemd takes away blanks around a value before it looks at it.
  const size = parseMemorySize(text.trim(), { zero })
  switch (size.kind) {
    case 'bytes':
      return size.bytes
    case 'share':
      return shareBytes(size.permyriad, memoryBytes)
    case 'infinity':
      return INFINITY
    case 'ignored':
      return BEFORE
  }
}

describe.skipIf(reason)(`a memory size${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it(
    `is read as the real systemd reads it, to the byte, in ${VALUES} random values`,
    { timeout: HANG_MS },
    async () => {
      const values = fc.sample(value, { seed: SEED, numRuns: VALUES })
      // A value that is empty is none of a size: the keys that protect read it as 0.
      const texts = [...new Set([...TABLE, ...values])].filter((text) => text.trim() !== '')
      const root = scratchDirectory()
      const unit = (at: number) => `v${at}.service`
      for (const [at, text] of texts.entries()) {
        const lines = ['MemoryMax', 'MemorySwapMax'].map(
          (key) => `${key}=${BEFORE}\n${key}=${text}\n`,
        )
        writeTree(root, {
          [unit(at)]: `[Service]\nExecStart=/bin/true\nSlice=v.slice\n${lines.join('')}`,
        })
      }
      const memoryBytes = await hostMemory()
      const { seen } = await askSystemd(
        [root],
        texts.map((_, at) => unit(at)),
      )
      const all = texts.map((text, at) => {
        const { MemoryMax = '', MemorySwapMax = '' } = seen.get(unit(at))?.properties ?? {}
        return {
          text,
          real: [BigInt(MemoryMax), BigInt(MemorySwapMax)],
          ours: [ours(text, false, memoryBytes), ours(text, true, memoryBytes)],
        }
      })
      const different = all.filter((each) => String(each.real) !== String(each.ours))
      expect(different, `MEMORY_SIZE_SEED=${SEED} shows it again`).toEqual([])
      const accepted = all.filter(({ real }) => real[1] !== BEFORE)
      expect(accepted.length / all.length, 'enough of them are good').toBeGreaterThan(0.25)
      expect(texts.length).toBeGreaterThan((2 / 3) * VALUES)
    },
  )
})
