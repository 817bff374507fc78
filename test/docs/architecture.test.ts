import { type Ledger, TRANSITIONS } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { resolveBudget } from '../../packages/core/src/lifecycle/budget.ts'
import { codeBlocks, section, tableRows } from './kit/markdown.ts'
import { read } from './kit/pages.ts'
import { loadSources, ownMembers } from './kit/sources.ts'

describe('the phase diagram of docs/architecture.md', () => {
  it('has exactly the transitions of the table', () => {
    const diagram = codeBlocks(read('docs/architecture.md')).find(
      ({ language }) => language === 'mermaid',
    )
    const drawn = [...(diagram?.code ?? '').matchAll(/^\s*(\S+) --> (\w+|\[\*\])/gm)].map(
      ([, from, to]) => `${from} --> ${to}`,
    )
    const legal = Object.entries(TRANSITIONS).flatMap(([from, targets]) =>
      targets.length === 0 ? [`${from} --> [*]`] : targets.map((target) => `${from} --> ${target}`),
    )
    expect(drawn.toSorted()).toEqual(['[*] --> created', ...legal].toSorted())
  })
})

describe('the ledger of docs/operating.md', () => {
  it('has the fields of a ledger, and accounts for every job', () => {
    const example = codeBlocks(read('docs/operating.md')).find(
      ({ language }) => language === 'json',
    )
    const ledger = JSON.parse(example?.code ?? '{}') as Ledger
    const members = ownMembers(loadSources().file('packages/core/src/ledger/ledger.ts'), 'Ledger')
    expect(Object.keys(ledger).toSorted()).toEqual(
      members.map((member) => member.replace('?', '')).toSorted(),
    )
    const { inFlight, completed, failed, handedBack, unknown } = ledger.jobs
    expect(completed + failed + handedBack + unknown.length).toBe(inFlight)
  })
})

describe('the budgets of docs/operating.md', () => {
  it('are what core makes of each stop budget', () => {
    const rows = tableRows(section(read('docs/operating.md'), 'Stop budgets')).filter(
      ([first = '']) => /^\d+ s$/.test(first),
    )
    expect(rows.length).toBeGreaterThan(3)
    for (const [stop = '', ...slices] of rows) {
      const ms = Number.parseFloat(stop) * 1000
      const budget = resolveBudget({}, { ms, from: 'the page' })
      const { totalMs, drainMs, abortMs, handBackMs, closeMs } = budget
      const parts = [ms - totalMs, totalMs, drainMs, abortMs, handBackMs, closeMs]
      expect(slices, `after ${stop}`).toEqual(
        parts.map((part) => `${Math.round(part / 10) / 100} s`),
      )
    }
  })
})
