import { expect, it } from 'vitest'
import { parseTimeSpan } from '../../src/worker/time-span.ts'

it.each([
  ['1min 30s', 90_000],
  ['infinity', Infinity],
  ['0', 0],
  ['42s 500ms', 42_500],
  ['250us', 0.25],
  ['1h', 3_600_000],
  ['2d 1h 1min 1s 1ms 1us', 176_461_001.001],
  ['1w', 604_800_000],
  ['1month', 2_629_800_000],
  ['1y', 31_557_600_000],
  ['1.5s', 1500],
])('%s, as systemctl prints it, is so many milliseconds', (text, ms) => {
  expect(parseTimeSpan(text)).toBeCloseTo(ms, 6)
})

it.each(['', ' ', 'soon', '[not set]', '1fortnight', '-1s', '1min  30s', '1min 30', '1,5s'])(
  '%j is no time span, unless it is a number of seconds',
  (text) => {
    expect(parseTimeSpan(text)).toBe(text === '1min 30' ? 90_000 : undefined)
  },
)
