import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Context } from '../../guest/context.ts'
import type { Check } from '../../suite.ts'
import { armKernelTriggers, type KernelTrigger } from './kernel-trigger.ts'
import { inMs, inSeconds, MB, nextKill, nowMs, shareOf, startMonitored } from './monitored.ts'
import { ofTheKernel } from './of-the-kernel.ts'

const ALARM_SHARE = 0.8
const POLL_MS = 30_000

/** A leak that starts at two thirds of the limit or so. */
interface Leak {
  readonly mbPerSecond: number
  readonly holdMb: number
  readonly limitMb: number
}

const LEAKS: readonly Leak[] = [
  { mbPerSecond: 1, holdMb: 32, limitMb: 72 },
  { mbPerSecond: 10, holdMb: 112, limitMb: 192 },
  { mbPerSecond: 50, holdMb: 240, limitMb: 384 },
]

/** When, before the kernel kills, each way to watch tells of a leak. */
export const leaksCheck: Check = {
  name: 'tells of leaks of 1, 10 and 50 MB/s before the kernel kills',
  when: ofTheKernel,
  run: async (context) => {
    const names = LEAKS.map(({ mbPerSecond }) => `leak${mbPerSecond}`)
    const triggers = await armKernelTriggers(context, names)
    const rows: Row[] = []
    for (const [index, trigger] of triggers.entries()) {
      const leak = LEAKS[index]
      if (leak) rows.push(await follow(context, leak, trigger))
    }
    const text = rows.map(({ detail }) => detail).join('; ')
    // The leak grows only as the worker's event loop turns: no host is too slow for a reading.
    assert.ok(
      rows.every(({ isTold }) => isTold),
      text,
    )
    return text
  },
}

interface Row {
  /** A reading reached the share at which an alarm is due. */
  readonly isTold: boolean
  readonly detail: string
}

async function follow(context: Context, leak: Leak, trigger: KernelTrigger): Promise<Row> {
  const { mbPerSecond, holdMb, limitMb } = leak
  const killed = nextKill(context)
  const work = { leakMbPerSecond: mbPerSecond, holdMb }
  const properties = [`MemoryMax=${limitMb}M`, trigger.property]
  const worker = await startMonitored(context, work, properties)
  const { cgroup } = worker.service

  // What is true, seen from outside and more often than anybody watches.
  let alarmingMs: number | undefined
  const killedMs = await killed(() => {
    if (anonymousBytes(cgroup) >= ALARM_SHARE * limitMb * MB) alarmingMs ??= nowMs()
  })
  assert.equal(await worker.service.ended(), 'oom-kill')

  const first = worker.told().find(({ reading }) => shareOf(reading) >= ALARM_SHARE)
  // The end of a cgroup is an event of its files, too.
  const last = trigger.fired()
  const fired = last && last.firedMs < killedMs ? last : undefined
  const leftMs = killedMs - (alarmingMs ?? killedMs)
  const truly = ((1 - ALARM_SHARE) * limitMb) / (leftMs / 1000)
  const told = first
    ? `reading ${inSeconds(killedMs - first.seenMs)} before the kill`
    : 'NO READING'
  const detail = [
    `${mbPerSecond} MB/s (measured ${truly.toPrecision(2)}): ${told}`,
    `${ALARM_SHARE} reached ${inSeconds(leftMs)} before`,
    `kernel's trigger ${fired ? `${inSeconds(killedMs - fired.firedMs)} before, at ${inMs(fired.stalledMs)} of stall` : 'never'}`,
    `RSS every 30 s in ${Math.round(Math.min(1, leftMs / POLL_MS) * 100)} % of cases`,
  ].join(', ')
  return { isTold: first !== undefined, detail }
}

/** 0 when the cgroup is gone. */
function anonymousBytes(cgroup: string): number {
  try {
    return Number(/^anon (\d+)$/m.exec(readFileSync(`${cgroup}/memory.stat`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
