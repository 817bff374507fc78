import { bytesText, durationText } from '@worker-recycler/core'
import { bar } from './bar.ts'
import { chart, sparkline, type Values } from './chart.ts'
import type { ScreenSize } from './command.ts'
import type { Glyphs } from './glyphs.ts'
import { eventsText, growthText, leftText, type Moment, stallText } from './moment.ts'
import { holderText, usageText } from './usage-text.ts'

const LABEL_WIDTH = 10
const CHART_ROWS = 4
/** A chart whose top lies nearer to its bottom would draw mountains of noise. */
const LEAST_SPAN = 0.01
/** Stalls below this share stay at the bottom of their chart. */
const LEAST_STALL = 0.1

/** As many lines as a frame has, and the line of the cursor below it. */
const FRAME_ROWS = 23

/** A moment as lines of a terminal. In one that is low, charts are low too, and nothing is left blank. */
export function watchFrame(
  moment: Moment,
  { columns, rows }: ScreenSize,
  glyphs: Glyphs,
): readonly string[] {
  const width = Math.max(10, columns - LABEL_WIDTH - 1)
  const isLow = rows < FRAME_ROWS
  const lines = [
    headline(moment),
    '',
    ...usageLines(moment, width, isLow ? 1 : CHART_ROWS, glyphs),
    '',
    ...stallLines(moment, width, glyphs),
    '',
    line('events', eventsLine(moment)),
    line('growth', growthText(moment.forecast)),
    line('limit', limitLine(moment)),
    '',
    line('sources', sourcesLine(moment)),
  ]
  return isLow ? lines.filter((text) => text !== '') : lines
}

const line = (label: string, text: string) => `${label.padEnd(LABEL_WIDTH)}${text}`

function headline({ title, everyMs, reading, history }: Moment): string {
  const span = durationText(Math.round(history.spanMs() / 1000) * 1000)
  return `${title}  ${reading.metric}, every ${durationText(everyMs)}, for ${span}`
}

function usageLines(
  { reading, history, everyMs }: Moment,
  width: number,
  rows: number,
  glyphs: Glyphs,
): readonly string[] {
  const { usedBytes = 0, limitBytes, limitedBy } = reading
  const values = history.columns(width).map((column) => column.usedBytes)
  const low = Math.min(...values)
  const high = Math.max(...values)
  const scale = { low, high: Math.max(high, low + high * LEAST_SPAN, low + 1) }
  const span = durationText(values.length * everyMs)
  return [
    line('memory', usageText(reading)),
    ...(limitBytes === undefined ? [] : [line('', bar(usedBytes / limitBytes, width, glyphs))]),
    ...(limitedBy === undefined
      ? []
      : [line('', `held by ${endOf(holderText(limitedBy), width - 8)}`)]),
    '',
    ...chart(values, scale, rows, glyphs).map((row) => line('', row)),
    line('', `${bytesText(low)} to ${bytesText(high)} in the last ${span}`),
  ]
}

/** Of a path that is too long, its end says most. */
function endOf(path: string, width: number): string {
  return path.length <= width ? path : `...${path.slice(3 - width)}`
}

function stallLines(
  { reading, history, sources }: Moment,
  width: number,
  glyphs: Glyphs,
): readonly string[] {
  const { stall, hostStall } = reading
  const host = hostStall ? [line('  host', stallText(hostStall))] : []
  const isRead = sources.some(({ source, state }) => source === 'stall-total' && state === 'live')
  if (!isRead) return [line('stall', 'not accounted for'), ...host]
  const own = stall ? `${stallText(stall)} of ${durationText(stall.windowMs)}` : 'not known yet'
  const columns = history.columns(width)
  return [
    line('stall', own),
    stallLine(
      '  some',
      columns.map(({ some }) => some),
      glyphs,
    ),
    stallLine(
      '  full',
      columns.map(({ full }) => full),
      glyphs,
    ),
    ...host,
  ]
}

function stallLine(label: string, values: Values, glyphs: Glyphs): string {
  const highest = Math.max(LEAST_STALL, ...values.filter((value) => value !== undefined))
  return line(label, sparkline(values, { low: 0, high: highest }, glyphs))
}

function eventsLine({ history, sources }: Moment): string {
  const isCounted = sources.some(
    ({ source, state }) => source === 'memory-events' && state === 'live',
  )
  return isCounted ? `${eventsText(history.events(), true)} since the start` : 'not counted'
}

function limitLine({ reading, forecast }: Moment): string {
  if (reading.limitBytes === undefined) return 'none'
  const left = leftText(forecast)
  if (left !== undefined) return left
  if (!forecast) return 'not known yet'
  return forecast.bytesPerSec > 0 ? 'no time can be told: the growth is not sure' : 'not approached'
}

function sourcesLine({ sources }: Moment): string {
  const of = (...states: string[]) =>
    sources.filter(({ state }) => states.includes(state)).map(({ source }) => source)
  const lost = of('refused', 'ended')
  return `${of('live').join(', ')}${lost.length > 0 ? `; not: ${lost.join(', ')}` : ''}`
}
