import { describe, expect, it } from 'vitest'
import { allPassed, type NodeResult, resultTable } from '../results.ts'

const result = (node: string, ...checks: [name: string, ok: boolean | null][]): NodeResult => ({
  node,
  version: `v${node}.1.0`,
  checks: checks.map(([name, ok]) => ({ package: name, check: 'import', ok, detail: '' })),
})

describe('allPassed', () => {
  it('wants every check of every version, and at least one each', () => {
    expect(allPassed([result('22', ['a', true]), result('24', ['a', true])])).toBe(true)
    expect(allPassed([result('22', ['a', true]), result('24', ['a', true], ['b', false])])).toBe(
      false,
    )
    expect(allPassed([result('22', ['a', true]), result('24')])).toBe(false)
  })

  it('forgives what cannot be checked here, but not when nothing could', () => {
    expect(allPassed([result('22', ['a', true], ['b', null])])).toBe(true)
    expect(allPassed([result('22', ['b', null])])).toBe(false)
  })
})

describe('resultTable', () => {
  const weight = {
    tarballBytes: 12_345,
    unpackedBytes: 45_678,
    bundleBytes: 9000,
    bundleGzipBytes: 3210,
    dependencies: 1,
    dependenciesWithPeers: 2,
  }

  it('has a row for each package, and a column for each version', () => {
    const nodes = [result('22', ['a', true], ['README.md', true]), result('24', ['a', false])]
    const table = resultTable([{ package: 'a', ...weight }], nodes)
    expect(table.head.slice(-2)).toEqual(['Node.js 22.1.0', 'Node.js 24.1.0'])
    expect(table.rows).toEqual([
      ['a', '12.3 kB', '45.7 kB', '9.0 kB', '3.2 kB', '1', '2', 'ok', 'FAILED'],
      ['README.md', '-', '-', '-', '-', '-', '-', 'ok', '-'],
    ])
  })

  it('has no bundle for a package of commands alone', () => {
    const commands = { package: 'b', ...weight, bundleBytes: null, bundleGzipBytes: null }
    expect(resultTable([commands], []).rows[0]?.slice(3, 5)).toEqual(['-', '-'])
  })
})
