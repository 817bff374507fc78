import { describe, expect, it } from 'vitest'
import { bar } from '../../src/cli/bar.ts'
import { chainReceipts } from '../../src/cli/chain-receipts.ts'
import { diffLines } from '../../src/cli/diff.ts'
import { findingLines } from '../../src/cli/findings-text.ts'
import { glyphsFor } from '../../src/cli/glyphs.ts'
import { jsonText } from '../../src/cli/json-text.ts'
import { printable } from '../../src/cli/printable.ts'
import type { Receipt } from '../../src/cli/receipt.ts'
import { openScreen } from '../../src/cli/screen.ts'
import { sizeText, valueText } from '../../src/cli/size-text.ts'
import { aligned, table } from '../../src/cli/table.ts'
import type { SystemdPlan } from '../../src/host/plan.ts'
import type { PlannedFile } from '../../src/host/planned-file.ts'
import { renderDropIn } from '../../src/unit-file/render.ts'

it.each([
  [0, '0 B'],
  [4096, '4 KiB'],
  [2 ** 31, '2 GiB'],
  [1.5 * 2 ** 30, '1.5 GiB'],
  [2_000_000_000, '2000000000 B'],
  [1023.5 * 2 ** 20, '1073217536 B'],
  [Infinity, 'infinity'],
])('a limit of %d is written %j, never rounded', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})

it('a value that is no number of bytes stays as it is', () => {
  expect(['2147483648', '2GB', '80%', ''].map((text) => valueText(text))).toEqual([
    '2 GiB',
    '2GB',
    '80%',
    '',
  ])
})

describe('a diff', () => {
  const path = '/etc/x.conf'

  it('shows lines that come and go among those around them', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
    const after = 'a\nb\nc\nd\nE\nf\ng\nh\ni\n'
    expect(diffLines({ path, before, after })).toEqual([
      '--- /etc/x.conf',
      '+++ /etc/x.conf',
      '@@',
      ' b',
      ' c',
      ' d',
      '-e',
      '+E',
      ' f',
      ' g',
      ' h',
      '+i',
    ])
  })

  it('parts what is far from each other', () => {
    const before = Array.from({ length: 12 }, (_, index) => `${index}\n`).join('')
    const after = `x\n${before}y\n`
    const lines = diffLines({ path, before, after }).slice(2)
    expect(lines).toEqual(['+x', ' 0', ' 1', ' 2', '@@', ' 9', ' 10', ' 11', '+y'])
  })

  it('cuts a long file that is new, and obeys nothing in it', () => {
    const after = `\u001b[2J\n${'a\n'.repeat(30)}`
    const lines = diffLines({ path, after })
    expect(lines.slice(0, 3)).toEqual(['--- /dev/null', '+++ /etc/x.conf', String.raw`+\u001b[2J`])
    expect(lines).toHaveLength(27)
    expect(lines.at(-1)).toBe('(7 more lines)')
  })

  it('shows a file that goes', () => {
    const lines = diffLines({ path, before: 'a\n' })
    expect(lines).toEqual(['--- /etc/x.conf', '+++ /dev/null', '-a'])
  })

  it('does not search in what is very long', () => {
    const before = 'a\n'.repeat(3000)
    expect(diffLines({ path, before, after: `${before}b\n` }).length).toBeGreaterThan(3000)
  })
})

it('findings stand gravest first, each with its next step on a line of its own', () => {
  const lines = findingLines(
    [
      { level: 'info', code: 'a', message: 'It is so' },
      { level: 'error', code: 'long_code', message: 'x.service: it is bad, at /a.b:3. Mend it' },
    ],
    50,
  )
  expect(lines).toEqual([
    'error    long_code  x.service: it is bad, at',
    '                    /a.b:3.',
    '                    Mend it.',
    'info     a          It is so.',
  ])
})

it('tables are as wide as their widest cells, with numbers to the right', () => {
  expect(
    table(
      ['A', 'NUMBER'],
      [
        ['longer', 5],
        ['b', 10],
      ],
    ),
  ).toEqual(['A       NUMBER', 'longer       5', 'b           10'])
  expect(aligned([])).toEqual([])
  expect(aligned([['a', 'b'], ['ccc']])).toEqual(['a    b', 'ccc'])
})

it('bars are of blocks where the locale has them', () => {
  expect(bar(0.25, 10, glyphsFor({ LANG: 'en_GB.UTF-8' }))).toBe('██▌░░░░░░░')
  expect(bar(0.001, 10, glyphsFor({ LC_ALL: 'C', LANG: 'en_GB.UTF-8' }))).toBe('#.........')
})

it('what is without limit has a word in JSON', () => {
  expect(jsonText({ max: Infinity, path: '\u001b' })).toBe(
    String.raw`{"max":"infinity","path":"\u001b"}`,
  )
})

it('what would control a terminal is written out', () => {
  expect(printable('a\u001b[2J\nb\u202E')).toBe(String.raw`a\u001b[2J\u000ab\u202e`)
})

it('a frame is cut to the terminal, with its last column and row free', async () => {
  const written: string[] = []
  const screen = openScreen({
    screen: () => ({ columns: 10, rows: 4 }),
    write: (text) => Promise.resolve(written.push(text) > 0),
    json: () => Promise.resolve(true),
    tell: () => Promise.resolve(),
  })
  await screen?.draw(() => ['0123456789', 'b', 'c', 'd'])
  await screen?.close()
  const frame = '\u001b[H012345678\u001b[K\nb\u001b[K\n(2 more l\u001b[K\n\u001b[J'
  expect(written).toEqual([`\u001b[?25l\u001b[2J${frame}`, '\u001b[?25h'])
})

describe('receipts', () => {
  const ours = (max: number) =>
    renderDropIn([{ section: 'Service', key: 'MemoryMax', value: String(max) }])
  const receipt = (
    files: readonly PlannedFile[],
    directories: readonly string[] = [],
  ): Receipt => ({
    appliedAtEpochMs: 1,
    plan: { request: { target: 'a.service' }, files, directories } as SystemdPlan,
  })

  it('lead back to what was there before the first apply', () => {
    const first = receipt(
      [{ path: '/a', before: 'theirs', beforeMode: 0o600, after: ours(1) }],
      ['/d'],
    )
    const second = receipt(
      [{ path: '/a', before: ours(1), beforeMode: 0o644, after: ours(2) }],
      ['/e'],
    )
    expect(chainReceipts(first, second).plan).toMatchObject({
      files: [{ path: '/a', before: 'theirs', beforeMode: 0o600, after: ours(2) }],
      directories: ['/d', '/e'],
    })
  })

  it('take what somebody has put there since as what was before', () => {
    const first = receipt([{ path: '/a', after: ours(1) }])
    const second = receipt([{ path: '/a', before: 'theirs', after: ours(2) }])
    expect(chainReceipts(first, second).plan.files).toEqual(second.plan.files)
  })

  it('keep what a later apply does not touch, and forget what came and went', () => {
    const first = receipt([
      { path: '/hook', after: 'x' },
      { path: '/a', after: ours(1) },
    ])
    const second = receipt([{ path: '/a', before: ours(1) }])
    expect(chainReceipts(first, second).plan.files).toEqual([{ path: '/hook', after: 'x' }])
  })

  it('count a file of ours of which nothing tells as none, and forget live values', () => {
    const next = receipt([
      { path: '/a', before: ours(1), beforeMode: 0o644, after: ours(1), mode: 0o644 },
      { path: '/run/systemd/system.control/a.service.d/50-MemoryMax.conf', before: 'x' },
    ])
    const { files } = JSON.parse(jsonText(chainReceipts(undefined, next).plan)) as SystemdPlan
    expect(files).toEqual([{ path: '/a', after: ours(1), mode: 0o644 }])
  })
})
