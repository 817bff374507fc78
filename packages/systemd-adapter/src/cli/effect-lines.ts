import { bytesText } from '@worker-recycler/core'
import type { UnitEffect } from '../host/effects.ts'
import type { UnitFacts } from '../host/facts.ts'
import type { Located } from '../host/resolve.ts'
import { parseUnitName } from '../unit-file/unit-name.ts'
import type { LimitRow } from './limit-rows.ts'
import { valueText } from './size-text.ts'
import { type Cell, table } from './table.ts'

/** A column of a table of limits. */
interface Column {
  readonly title: string
  readonly cell: (row: LimitRow) => string
}

const WANTED: Column = { title: 'WANTED', cell: ({ wanted = '-' }) => wanted }
const KERNEL: Column = { title: 'KERNEL NOW', cell: ({ kernelNow = '-' }) => kernelNow }
const valueOf = ({ value }: LimitRow): string => value

/** What a plan would bring: a line for each key, and below it the lines that do not count. */
export function plannedLines(effect: UnitEffect, rows: readonly LimitRow[]): readonly string[] {
  return linesOf(effect, rows, [WANTED], { title: 'WILL BE', cell: valueOf })
}

/** The same of what is there already. */
export function effectLines(effect: UnitEffect, rows: readonly LimitRow[]): readonly string[] {
  return linesOf(effect, rows, [], { title: 'VALUE', cell: valueOf })
}

function linesOf(
  { unit, facts, resolution }: UnitEffect,
  rows: readonly LimitRow[],
  before: readonly Column[],
  value: Column,
): readonly string[] {
  const head = `${unitText(unit)}  ${runText(facts, resolution.loadState)}`
  if (rows.length === 0) return [head, '  no memory limit']
  const after = facts?.kernel ? [KERNEL] : []
  const columns = [...before, value, ...after]
  const blank = (list: readonly Column[]) => list.map(() => '')
  const other = (what: string, each: Located): Cell[] => {
    const text = valueText(each.value)
    return [`  ${what}`, ...blank(before), text, ...blank(after), placeText(each)]
  }
  const lines = table(
    ['', ...columns.map(({ title }) => title), 'FROM'],
    rows.flatMap((row): Cell[][] => {
      const { winner, shadowed, ignored } = row.limit
      const from = winner ? placeText(winner) : '-'
      return [
        [row.key, ...columns.map(({ cell }) => cell(row)), from],
        ...shadowed.map((each) => other('shadowed', each)),
        ...ignored.map((each) => other('ignored', each)),
      ]
    }),
  )
  return [head, ...lines.map((line) => `  ${line}`)]
}

const placeText = ({ path, line }: Located): string => `${path}:${line}`

/** One instance may stand for all of a template that has none yet. */
export function unitText(unit: string): string {
  return parseUnitName(unit).instance === 'any' ? `${unit} (for any instance)` : unit
}

/** Whether it runs, and with how much memory. */
function runText(facts: UnitFacts | undefined, loadState: string): string {
  if (loadState === 'masked') return 'masked: it cannot be started'
  if (loadState === 'error') return 'its file cannot be read: it cannot be started'
  if (loadState === 'not-found') return 'has no file of its own (yet)'
  if (!facts?.isActive) return 'not running'
  return facts.usedBytes === undefined ? 'running' : `running, uses ${bytesText(facts.usedBytes)}`
}
