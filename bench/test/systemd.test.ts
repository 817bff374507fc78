import { describe, expect, it } from 'vitest'
import type { Entry } from '../../packages/systemd-adapter/test/container/kit/journal.ts'
import { countReloads } from '../systemd/count-reloads.ts'
import { fleetFindings } from '../systemd/fleet.ts'
import { hookFindings } from '../systemd/hook-cost.ts'
import { sentAtMs, startedAtMs } from '../systemd/kill-times.ts'
import { killFindings } from '../systemd/kills.ts'
import { childrenCpuMs } from '../systemd/shell-times.ts'

describe('moments of a death', () => {
  it('are on one clock, without the time that an entry was on its way', () => {
    const entry: Entry = {
      _SOURCE_REALTIME_TIMESTAMP: '1795527186221140',
      __REALTIME_TIMESTAMP: '1795527186221164',
      __MONOTONIC_TIMESTAMP: '28931162794',
    }
    expect(sentAtMs(entry)).toBe(28_931_162.77)
    const shown = { ExecMainStartTimestampMonotonic: '28931170000' }
    expect(startedAtMs(shown)).toBe(28_931_170)
  })

  it('are not there where nothing tells them', () => {
    expect(sentAtMs({})).toBeNaN()
    expect(startedAtMs({})).toBeNaN()
  })
})

describe('countReloads', () => {
  it('counts the words of the manager, of old versions and new ones, and no others', () => {
    const words = [
      'Reloading.',
      'Reloading...',
      'Reloading finished in 12 ms.',
      'a.service: Reloading.',
    ]
    expect(countReloads(`${words.join('\n')}\n`)).toBe(2)
  })
})

describe('fleetFindings', () => {
  it('has a target beside each figure that has one, and a peer beside all', () => {
    const { figures, notes } = fleetFindings({
      files: 7,
      reloads: [1, 0],
      limited: 99,
      statusCalls: 4,
      ms: { status: [90], reads: [30], shows: [600], facts: [80], plan: [8], reload: [40] },
    })
    expect(figures.map(({ target, value, peerValue }) => [target, value, peerValue])).toEqual([
      [null, 90, 600],
      ['< 50', 30, 600],
      ['1', 4, 100],
      [null, 80, 40],
      [null, 8, 40],
      ['1', 1, 7],
      ['0', 0, 7],
    ])
    expect(notes?.join('')).toContain('99 of 100 units')
  })
})

describe('childrenCpuMs', () => {
  it('is user and system time of the programs, not of the shell', () => {
    expect(childrenCpuMs('0m5.000000s 0m6.000000s\n0m0.250000s 1m0.500000s\n')).toBe(60_750)
  })

  it('is not there without the words of `times`', () => expect(childrenCpuMs('')).toBeNaN())
})

describe('hookFindings', () => {
  const measured = {
    ms: { hook: [4], node: [40] },
    cpuMs: { hook: [3], node: [60] },
    rssBytes: { hook: [2 ** 20], node: [40 * 2 ** 20] },
  }

  it('has memory in MiB', () => {
    const chargedBytes = { hook: [3 * 2 ** 19], node: [6 * 2 ** 20] }
    const { figures } = hookFindings({ ...measured, chargedBytes })
    expect(figures.map(({ value, ratio }) => [value, ratio])).toEqual([
      [4, 0.1],
      [3, 0.05],
      [1, 0.025],
      [1.5, 0.25],
    ])
  })

  it('says what was not measured', () => {
    const { figures, notes } = hookFindings(measured)
    expect(figures).toHaveLength(3)
    expect(notes?.at(-1)).toMatch(/was not measured/)
  })
})

describe('killFindings', () => {
  const outcome = { ours: [11, 12, 13], peer: [5, 6, 8] }

  it('tells what the hook adds, part by part', () => {
    const { figures } = killFindings(outcome, 'leak', { all: 32, byKernel: 32 })
    expect(figures.map(({ name, value }) => [name, value])).toEqual([
      ['OOM kill to new main process, with the hook, p50', 12],
      ['OOM kill to new main process, with the hook, p95', 13],
      ['OOM kill to new main process, with the hook, max', 13],
      ['OOM kill: the hook adds, p50', 6],
      ['OOM kill: the hook adds, p95', 5],
    ])
  })

  it('does not call a signal an OOM kill', () => {
    const { figures, notes } = killFindings(outcome, 'kill', { all: 32, byKernel: 0 })
    expect(figures.every(({ name }) => name.startsWith('SIGKILL'))).toBe(true)
    expect(notes?.join('')).toContain('ended by SIGKILL')
  })
})
