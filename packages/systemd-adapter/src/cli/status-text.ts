import { bytesText, durationText, percentText } from '@worker-recycler/core'
import { bar } from './bar.ts'
import type { Glyphs } from './glyphs.ts'
import { NAME } from './process-output.ts'
import type { StatusReport, UnitReport } from './status-report.ts'
import { type Cell, table } from './table.ts'

const BAR_WIDTH = 10
const HEAD = ['UNIT', 'STATE', 'PID', 'MEMORY', 'OF LIMIT', '', 'PEAK', 'RESTARTS', 'LAST DEATH']

/** The report as people read it: a line for each unit, with a bar if there is room for it. */
export function statusLines(
  { atEpochMs, units }: StatusReport,
  target: string | undefined,
  glyphs: Glyphs,
  width: number,
): readonly string[] {
  if (units.length === 0) {
    return target === undefined
      ? [`Nothing is limited here yet; ${NAME} apply --help says how`]
      : [`No instance of ${target} is loaded`]
  }
  const hasPeak = units.some(({ peakBytes }) => peakBytes !== undefined)
  const hidden = hasPeak ? -1 : HEAD.indexOf('PEAK')
  const shown = <T>(cells: readonly T[]) => cells.filter((_, column) => column !== hidden)
  const drawn = (barWidth: number) =>
    table(
      shown(HEAD),
      units.map((unit) => shown(rowOf(unit, atEpochMs, ratioText(unit, glyphs, barWidth)))),
    )
  const lines = drawn(BAR_WIDTH)
  return Math.max(...lines.map(({ length }) => length)) < width ? lines : drawn(0)
}

function rowOf(unit: UnitReport, atEpochMs: number, ratio: string): readonly Cell[] {
  const { target, pid, usedBytes, peakBytes, restarts } = unit
  return [
    target.replace(/\.service$/, ''),
    stateText(unit),
    pid ?? '-',
    usedBytes === undefined ? '-' : bytesText(usedBytes),
    limitText(unit),
    ratio,
    peakBytes === undefined ? '-' : bytesText(peakBytes),
    restarts ?? '-',
    deathText(unit, atEpochMs),
  ]
}

function ratioText({ usedBytes, hardBytes }: UnitReport, glyphs: Glyphs, barWidth: number): string {
  if (usedBytes === undefined || hardBytes === undefined || hardBytes === 0) return ''
  const ratio = usedBytes / hardBytes
  const drawn = barWidth === 0 ? '' : `${bar(Math.min(1, ratio), barWidth, glyphs)} `
  return `${drawn}${percentText(ratio)}`
}

/** `running`, or what it is instead and why: `failed (oom-kill)`, `activating (auto-restart)`. */
function stateText({ state, subState, result }: UnitReport): string {
  if (state === 'active') return subState
  const why = result !== 'success' && result !== 'unknown' && result !== '' ? result : subState
  return why === state || why === 'dead' ? state : `${state} (${why})`
}

function limitText({ hardBytes, softBytes, running }: UnitReport): string {
  if (!running) return '-'
  const soft = softBytes === undefined ? '' : `high ${bytesText(softBytes)}`
  if (hardBytes === undefined) return soft || 'no limit'
  return [bytesText(hardBytes), soft].filter(Boolean).join(', ')
}

function deathText({ deaths }: UnitReport, atEpochMs: number): string {
  const last = deaths.at(-1)
  if (!last) return '-'
  const ago = durationText(Math.max(0, atEpochMs - last.atEpochMs))
  return `${last.cause}, ${ago} ago${deaths.length > 1 ? ` (${deaths.length} on record)` : ''}`
}
