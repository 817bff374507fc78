import assert from 'node:assert/strict'
import type { Reading } from '../../contracts/monitor.ts'

/** Checks that a reading is complete, and that its figures can be true. */
export function assertReading(reading: Reading): void {
  const { metric, atMs, usedBytes, limitBytes, limitedBy, stall, hostStall, events, lagMs } =
    reading
  assert.match(metric, /^[a-z0-9]+(\.[A-Za-z0-9]+)*$/, '`metric`')
  assert.ok(Number.isFinite(atMs), `\`atMs\` is ${atMs}`)
  assert.ok(
    usedBytes !== undefined || stall !== undefined || events !== undefined,
    'a reading has `usedBytes`, `stall` or `events`',
  )
  for (const [key, bytes] of Object.entries({ usedBytes, limitBytes })) {
    assert.ok(bytes === undefined || isCount(bytes), `\`${key}\` is ${bytes}: not whole bytes`)
  }
  assert.notEqual(limitBytes, 0, '`limitBytes`: where there is no limit, it is left out')
  for (const [key, value] of Object.entries({ stall, hostStall })) {
    if (!value) continue
    const { windowMs, someMs, fullMs = 0 } = value
    assert.ok(windowMs > 0 && Number.isFinite(windowMs), `\`${key}.windowMs\` is ${windowMs}`)
    assert.ok(fullMs >= 0 && fullMs <= someMs, `\`${key}.fullMs\` ${fullMs} of some ${someMs}`)
  }
  assert.notEqual(limitedBy, '', '`limitedBy`: where nothing holds a limit, it is left out')
  for (const [key, count] of Object.entries(events ?? {})) {
    assert.ok(isCount(count), `\`events.${key}\` is ${String(count)}: not a count`)
  }
  assert.ok(lagMs === undefined || lagMs >= 0, `\`lagMs\` is ${lagMs}`)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
