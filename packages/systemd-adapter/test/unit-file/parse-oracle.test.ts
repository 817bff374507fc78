import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Assignment, parseUnitFile } from '../../src/unit-file/parse.ts'
import { askSystemd, reasonNotToAsk } from '../kit/oracle.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { writeTree } from '../kit/tree.ts'
import { unitText } from '../kit/unit-text.ts'

const reason = reasonNotToAsk()
const FILES = Number(process.env['PARSE_FILES'] ?? 1500)
const SEED = Number(process.env['PARSE_SEED'] ?? 252)
const HANG_MS = 300_000
const INFINITY = String(2n ** 64n - 1n)
const LIMITS = ['MemoryMax', 'MemoryHigh', 'MemorySwapMax', 'MemoryMin']

const unit = (at: number) => `p${at}.service`

/** What each drop-in sets, by systemd. The unit's own file says something else for each key. */
async function ask(drops: readonly (string | Uint8Array)[]) {
  const root = scratchDirectory()
  for (const [at, bytes] of drops.entries()) {
    const own = `[Unit]\nDescription=none\n[Service]\nExecStart=/bin/true\nSlice=p.slice\n`
    writeTree(root, { [unit(at)]: own, [`${unit(at)}.d/x.conf`]: bytes })
  }
  const { seen } = await askSystemd(
    [root],
    drops.map((_, at) => unit(at)),
  )
  return drops.map((_, at) => {
    const properties = seen.get(unit(at))?.properties ?? {}
    return Object.fromEntries(['Description', ...LIMITS].map((key) => [key, properties[key]]))
  })
}

/** The same by the parser; values that are no plain number are left to the test of sizes. */
function ours(bytes: Uint8Array, name: string) {
  const { assignments } = parseUnitFile(bytes)
  const values = (section: string, key: string) =>
    assignments
      .filter((each) => each.section === section && each.key === key)
      .map(({ value }) => value)
  const limits = LIMITS.map((key) => {
    const last = values('Service', key).findLast((value) => value === '' || parses(value))
    if (last !== undefined && last !== '') return [key, String(BigInt(last))]
    return [key, key === 'MemoryMin' ? '0' : INFINITY]
  })
  // Without a description systemd gives the name.
  const description = values('Unit', 'Description').at(-1) ?? 'none'
  return { Description: description === '' ? name : description, ...Object.fromEntries(limits) }
}

const parses = (value: string) => /^\d+$/.test(value)

describe.skipIf(reason)(`a unit file${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it(
    `is read as the real systemd reads it, in ${FILES} random files`,
    { timeout: HANG_MS },
    async () => {
      const drops = fc
        .sample(unitText, { seed: SEED, numRuns: FILES })
        .map((text) => Buffer.from(text, 'latin1'))
      const real = await ask(drops)
      const different = drops.flatMap((bytes, at) => {
        const pair = { real: real[at], ours: ours(bytes, unit(at)) }
        const isSame = JSON.stringify(pair.real) === JSON.stringify(pair.ours)
        return isSame ? [] : [{ file: bytes.toString('latin1'), ...pair }]
      })
      expect(different, `PARSE_SEED=${SEED} shows it again`).toEqual([])
      const outcomes = new Set(real.map((each) => JSON.stringify(each)))
      expect(outcomes.size / real.length, 'enough of them say something').toBeGreaterThan(0.25)
    },
  )

  it('ends where a line is longer than 1 MiB', async () => {
    const line = (bytes: number) => `#${'x'.repeat(bytes - 1)}`
    const fills = (bytes: number) => `Description=${'x'.repeat(bytes - 'Description='.length)}`
    const MIB = 2 ** 20
    const drops = [
      `[Service]\n${line(MIB - 1)}\nMemoryMax=5\n`,
      `[Service]\n${line(MIB)}\nMemoryMax=5\n`,
      `[Service]\n${fills(MIB - 2)}\\\n1\nMemoryMax=5\n`,
      `[Service]\n${fills(MIB - 2)}\\\n12\nMemoryMax=5\n`,
      `[Service]\n${fills(MIB - 2)}\\\n\\\nMemoryMax=5\n`,
      `[Service]\nMemoryMax=5\n${line(MIB)}`,
    ].map((text) => Buffer.from(text))
    const real = await ask(drops)
    expect(drops.map((bytes, at) => ours(bytes, unit(at)))).toEqual(real)
    expect(new Set(real.map(({ MemoryMax }) => MemoryMax))).toEqual(new Set(['5', INFINITY]))
  })
})

const at = (assignments: readonly Assignment[]) => assignments.map(({ line }) => line)

it('an assignment stands at the line where it begins', () => {
  const text = '# x\n[Service]\r\nA=1\\\n# between\n2\n\nB=3\rC=4\0D=5'
  const { assignments } = parseUnitFile(Buffer.from(text))
  expect(assignments.map(({ key, value }) => `${key}=${value}`)).toEqual([
    'A=1 2',
    'B=3',
    'C=4',
    'D=5',
  ])
  expect(at(assignments)).toEqual([3, 7, 8, 9])
})
