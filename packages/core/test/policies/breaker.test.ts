import { expect, test } from 'vitest'
import { breaker } from '../../src/policies/breaker.ts'
import { always, EPOCH_MS, heldCodes, judge, LIMIT, readingAt, word } from './context.ts'

const MINUTE = 60_000
const soft = always({ action: 'recycle', urgency: 'soft', reasons: [], heldBy: [] })
const hard = always({ action: 'recycle', urgency: 'hard', reasons: [], heldBy: [] })
const agoMinutes = (...minutes: number[]) => ({
  recycles: minutes.map((ago) => ({ atEpochMs: EPOCH_MS - ago * MINUTE, beforeBytes: LIMIT })),
})
const reading = readingAt(0.85)

test('opens at three recycles in half an hour', () => {
  expect(word(judge(breaker(soft), reading, agoMinutes(20, 10)))).toBe('soft')
  expect(word(judge(breaker(soft), reading, agoMinutes(31, 20, 10)))).toBe('soft')
  const verdict = judge(breaker(soft), reading, agoMinutes(30, 20, 10))
  expect(heldCodes(verdict)).toEqual(['breaker_open'])
  expect(verdict.action === 'recycle' && verdict.heldBy[0]?.message).toBe(
    '3 recycles in the last 30 min, where 3 are too many; the next waits for another 60 s',
  )
})

test('a hard recycle passes', () => {
  expect(word(judge(breaker(hard), reading, agoMinutes(3, 2, 1)))).toBe('hard')
})

test.each([
  [3, 1],
  [4, 2],
  [5, 4],
  [6, 8],
  [7, 15],
  [20, 15],
])('after %i recycles in a row the next waits for %i min', (count, minutes) => {
  const ago = Array.from({ length: count }, (_, index) => (count - index) * 7)
  const at = (wantedForMs: number) =>
    word(judge(breaker(soft), reading, { ...agoMinutes(...ago), wantedForMs }))
  expect(at(minutes * MINUTE - 1)).toBe('held')
  expect(at(minutes * MINUTE)).toBe('soft')
})

test('the wait does not count while the worker is too young anyway', () => {
  const context = { ...agoMinutes(15, 10, 5), wantedForMs: 5 * MINUTE }
  expect(word(judge(breaker(soft), reading, { ...context, uptimeMs: 5 * MINUTE }))).toBe('held')
  expect(word(judge(breaker(soft), reading, { ...context, uptimeMs: 6 * MINUTE }))).toBe('soft')
})

test('a gap longer than the window ends the run', () => {
  const at = (wantedForMs: number) =>
    word(judge(breaker(soft), reading, { ...agoMinutes(90, 85, 80, 75, 20, 10, 5), wantedForMs }))
  expect([at(0), at(MINUTE)]).toEqual(['held', 'soft'])
})

test('a wall clock that jumps back or forth wedges nothing', () => {
  const day = 24 * 60
  expect(word(judge(breaker(soft), reading, agoMinutes(-day, -day, -day)))).toBe('soft')
  expect(word(judge(breaker(soft), reading, agoMinutes(day, day, day)))).toBe('soft')
  // Records of before and after a jump back, mixed: those that can be true count, and the wait ends.
  const mixed = { ...agoMinutes(-day, -day, 20, 10, 5), wantedForMs: 15 * MINUTE }
  expect(word(judge(breaker(soft), reading, { ...mixed, wantedForMs: 0 }))).toBe('held')
  expect(word(judge(breaker(soft), reading, mixed))).toBe('soft')
})

test('a worker that always wants to recycle does so ever more seldom', () => {
  const recycles: { atEpochMs: number; beforeBytes: number }[] = []
  let nowMs = EPOCH_MS
  const gaps: number[] = []
  for (let life = 0; life < 12; life += 1) {
    const bornMs = nowMs
    for (;;) {
      nowMs += 10_000
      const uptimeMs = nowMs - bornMs
      if (uptimeMs < 5 * MINUTE) continue
      const context = { recycles, epochMs: nowMs, uptimeMs, wantedForMs: uptimeMs }
      if (word(judge(breaker(soft), reading, context)) === 'soft') break
    }
    gaps.push((nowMs - bornMs) / MINUTE)
    recycles.push({ atEpochMs: nowMs, beforeBytes: LIMIT })
  }
  expect(gaps.slice(0, 3)).toEqual([5, 5, 5])
  const later = recycles.slice(6)
  const spanMs = later.at(-1)!.atEpochMs - later[0]!.atEpochMs
  expect(spanMs / (later.length - 1)).toBeGreaterThanOrEqual(9 * MINUTE)
})

test('options are checked', () => {
  expect(() => breaker(soft, { max: 0 })).toThrow('`max`')
  expect(() => breaker(soft, { windowMs: 0 })).toThrow('`windowMs`')
  expect(() => breaker(soft, { holdMs: 10, maxHoldMs: 5 })).toThrow('`maxHoldMs`')
})
