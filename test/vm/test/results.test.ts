import { describe, expect, it } from 'vitest'
import {
  allPassed,
  type GuestEvent,
  guestEvent,
  machineResult,
  resultRows,
  type CheckResult,
} from '../results.ts'

const booted: GuestEvent = { event: 'booted', systemd: '252 (252.1)', cgroup: 'v2' }
const passed: CheckResult = { name: 'a: one', ok: true, detail: 'seen' }
const failed: CheckResult = { name: 'a: two', ok: false, detail: 'not seen' }
const inapplicable: CheckResult = { name: 'a: three', ok: null, detail: 'cgroup v2 only' }

const ended = (check: CheckResult): GuestEvent => ({ event: 'ended', ...check })

describe('guestEvent', () => {
  it('reads an event, also with the carriage return of a terminal', () => {
    expect(guestEvent(`${JSON.stringify(booted)}\r`)).toEqual(booted)
  })

  it.each(['', '[  1.0] reboot: Power down', '{"event":"sta', '{"event":"other"}', '7', 'null'])(
    'takes %j for no event',
    (line) => {
      expect(guestEvent(line)).toBeNull()
    },
  )
})

describe('machineResult', () => {
  it('holds every check of a machine that finished', () => {
    const events: GuestEvent[] = [
      booted,
      { event: 'started', name: 'a: one' },
      ended(passed),
      ended(inapplicable),
      { event: 'finished' },
    ]
    expect(machineResult('old', events, 'unused')).toEqual({
      machine: 'old',
      systemd: '252 (252.1)',
      cgroup: 'v2',
      checks: [passed, inapplicable],
    })
  })

  it('fails the check that was under way when the machine ended', () => {
    const events: GuestEvent[] = [booted, ended(passed), { event: 'started', name: 'a: two' }]
    expect(machineResult('old', events, 'out of time').checks).toEqual([
      passed,
      { name: 'a: two', ok: false, detail: 'out of time' },
    ])
  })

  it('fails as a whole when no check was under way', () => {
    expect(machineResult('old', [], 'kernel panic')).toEqual({
      machine: 'old',
      systemd: null,
      cgroup: null,
      checks: [{ name: 'boot', ok: false, detail: 'kernel panic' }],
    })
    expect(machineResult('old', [booted, ended(passed)], 'gone').checks).toEqual([
      passed,
      { name: 'between checks', ok: false, detail: 'gone' },
    ])
  })
})

describe('allPassed', () => {
  const results = (...checks: CheckResult[]) => [
    { machine: 'old', systemd: null, cgroup: null, checks },
  ]

  it('does not mind a check that does not apply', () => {
    expect(allPassed(results(passed, inapplicable))).toBe(true)
  })

  it('minds one that failed, and a machine on which none passed', () => {
    expect(allPassed(results(passed, failed))).toBe(false)
    expect(allPassed(results(inapplicable))).toBe(false)
    expect(allPassed(results())).toBe(false)
  })
})

describe('resultRows', () => {
  it('has a row for each machine and check', () => {
    const checks = [passed, failed, inapplicable]
    expect(resultRows([{ machine: 'old', systemd: '252', cgroup: 'v2', checks }])).toEqual([
      ['old', 'a: one', 'ok', 'seen'],
      ['old', 'a: two', 'FAILED', 'not seen'],
      ['old', 'a: three', 'n/a', 'cgroup v2 only'],
    ])
  })
})
