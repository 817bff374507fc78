import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createForecaster } from '@worker-recycler/psi-monitor'
import type { Findings } from '../harness/benchmark.ts'
import { figure, median, rounded } from '../harness/figure.ts'
import { endChild, messageOf } from './child.ts'
import type { Leaker } from './fixtures/leaker.ts'
import { followReadings } from './follow-readings.ts'
import { armKernelTrigger } from './kernel-trigger.ts'
import { monotonicMs } from './monotonic.ts'
import { openCgroups, type OwnCgroups } from './own-cgroups.ts'

const MIB = 2 ** 20
const SOFT_SHARE = 0.8
const PM2_MS = 30_000

/** Leaks of one pace; the lanes run side by side, the leaks of a lane one after the other. */
interface Pace {
  readonly mibPerSec: number
  readonly limitMib: number
  readonly lanes: number
  readonly leaksEach: number
}

const PACES: readonly Pace[] = [
  { mibPerSec: 1, limitMib: 64, lanes: 3, leaksEach: 1 },
  { mibPerSec: 10, limitMib: 256, lanes: 2, leaksEach: 2 },
  { mibPerSec: 50, limitMib: 256, lanes: 1, leaksEach: 8 },
]

/** What became of one leak: how long before the kernel killed the process; undefined where it never did. */
interface Leak {
  readonly soft?: { readonly leftMs: number; readonly leftBytes: number }
  /** `error`: what the first forecast said less what came, as a share of what came. */
  readonly forecast?: { readonly leftMs: number; readonly error: number }
  readonly trigger?: { readonly leftMs: number }
}

/** How long before the limit a leak is seen. */
export async function leaks(program: string, progress: (line: string) => void): Promise<Findings> {
  progress('leaks of 1, 10 and 50 MiB/s, side by side: over a minute')
  const cgroups = openCgroups()
  try {
    const found = await Promise.all(
      PACES.map(async (pace) => {
        const lanes = Array.from({ length: pace.lanes }, (_, lane) =>
          inLane(program, cgroups, pace, lane),
        )
        return { pace, all: (await Promise.all(lanes)).flat() }
      }),
    )
    return {
      figures: found.map(({ pace, all }) =>
        figure(
          {
            name: `leak of ${pace.mibPerSec} MiB/s: ${100 * SOFT_SHARE} % of ${pace.limitMib} MiB told before the kill`,
            unit: 'ms',
            target: null,
          },
          // Never is as late as the kill itself.
          all.map(({ soft }) => soft?.leftMs ?? 0),
          {
            name: 'kernel trigger without privileges (0: never)',
            values: all.map(({ trigger }) => trigger?.leftMs ?? 0),
          },
        ),
      ),
      tables: [
        {
          title:
            'Leaks in a cgroup with a limit; medians of how long before the kill, and in how many leaks',
          head: [
            'MiB/s',
            'limit',
            '80 % told',
            'with left',
            'first forecast',
            'off by',
            'trigger',
            'RSS every 30 s',
          ],
          rows: found.map(({ pace, all }) => row(pace, all)),
        },
      ],
    }
  } finally {
    await cgroups.remove()
  }
}

function row({ mibPerSec, limitMib }: Pace, all: readonly Leak[]): (string | number)[] {
  const found = <T>(of: (leak: Leak) => T | undefined) =>
    all.map(of).filter((value) => value !== undefined)
  const soft = found((leak) => leak.soft)
  const forecast = found((leak) => leak.forecast)
  const before = (left: readonly { readonly leftMs: number }[]) =>
    left.length === 0
      ? `0 of ${all.length}`
      : `${rounded(median(left.map(({ leftMs }) => leftMs)))} ms, ${left.length} of ${all.length}`
  // Computed: polls come at a random phase, and one must fall between 80 % and the end.
  const seen = Math.min(1, median(soft.map(({ leftMs }) => leftMs)) / PM2_MS)
  return [
    mibPerSec,
    `${limitMib} MiB`,
    before(soft),
    `${rounded(median(soft.map(({ leftBytes }) => leftBytes)) / MIB)} MiB`,
    before(forecast),
    `${rounded(100 * median(forecast.map(({ error }) => error)))} %`,
    before(found((leak) => leak.trigger)),
    `sees ${Math.round(100 * seen)} % of them (computed)`,
  ]
}

async function inLane(
  program: string,
  cgroups: OwnCgroups,
  pace: Pace,
  lane: number,
): Promise<Leak[]> {
  const results: Leak[] = []
  for (let turn = 0; turn < pace.leaksEach; turn++) {
    results.push(await leakOnce(program, cgroups, pace, `${pace.mibPerSec}-${lane}-${turn}`))
  }
  return results
}

async function leakOnce(
  program: string,
  cgroups: OwnCgroups,
  { mibPerSec, limitMib }: Pace,
  name: string,
): Promise<Leak> {
  const limitBytes = limitMib * MIB
  // The trigger has a cgroup of its own, around the one that our monitor reads.
  const outer = cgroups.make('unified', name)
  const given: Leaker = {
    cgroups: [
      cgroups.make('memory', name, { 'memory.limit_in_bytes': String(limitBytes) }),
      cgroups.make('unified', `${name}/leaker`),
    ],
    bytesPerSec: mibPerSec * MIB,
  }
  const child = fork(program, [JSON.stringify(given)], { execArgv: [] })
  let triggeredAtMs: number | undefined
  const trigger = await armKernelTrigger(join(outer, 'memory.pressure'), (atMs) => {
    triggeredAtMs ??= atMs
  })
  const forecaster = createForecaster()
  let soft: { readonly atMs: number; readonly usedBytes: number } | undefined
  let forecast: { readonly atMs: number; readonly timeToLimitMs: number } | undefined
  let stop = async () => {}
  try {
    await messageOf(child)
    stop = followReadings({ target: { pid: child.pid ?? 0 } }, (reading, atMs) => {
      const { usedBytes = 0, limitBytes: limit = Infinity } = reading
      if (usedBytes >= limit * SOFT_SHARE) soft ??= { atMs, usedBytes }
      const { timeToLimitMs } = forecaster.add(reading) ?? {}
      if (timeToLimitMs !== undefined) forecast ??= { atMs, timeToLimitMs }
    })
    // Not in step with the monitor.
    await pause(1000 + Math.random() * 1000)
    const exited = once(child, 'exit')
    child.send('leak')
    await exited
    const killedAtMs = monotonicMs()
    const left = ({ atMs }: { readonly atMs: number }) => ({ leftMs: killedAtMs - atMs })
    return {
      ...(soft && { soft: { ...left(soft), leftBytes: limitBytes - soft.usedBytes } }),
      ...(forecast && { forecast: { ...left(forecast), error: errorOf(forecast, killedAtMs) } }),
      ...(triggeredAtMs !== undefined && { trigger: left({ atMs: triggeredAtMs }) }),
    }
  } finally {
    trigger.stop()
    await stop().catch(() => {})
    await endChild(child)
  }
}

function errorOf(
  { atMs, timeToLimitMs }: { readonly atMs: number; readonly timeToLimitMs: number },
  killedAtMs: number,
): number {
  const leftMs = killedAtMs - atMs
  return Math.abs(timeToLimitMs - leftMs) / leftMs
}
