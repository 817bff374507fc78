import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { PsiMonitorOptions } from '@worker-recycler/psi-monitor'
import type { Findings } from '../harness/benchmark.ts'
import { endChild, messageOf } from './child.ts'
import type { Thrasher } from './fixtures/thrasher.ts'
import type { StallCourse } from './fixtures/total-poller.ts'
import { followReadings } from './follow-readings.ts'
import { createHearing, type Hearing } from './hearing.ts'
import { armKernelTrigger } from './kernel-trigger.ts'
import { openCgroups } from './own-cgroups.ts'
import { stallFindings, type StallRound, type Way } from './stall-findings.ts'

const ROUNDS = 13
const LIMIT = '64M'
const THRESHOLD_MS = 200
/** The slowest sleeps for 5 s and is woken by a trigger after 2 s and more. */
const LONGEST_MS = 6000
/** Until a watcher that saw a stall is calm again: its window, two windows without, a sample. */
const CALM_MS = 7000

/** From the start of a real stall to the reading that says so, all ways at the same stalls. */
export async function stallToReading(
  programs: { readonly thrasher: string; readonly poller: string },
  progress: (line: string) => void,
): Promise<Findings> {
  const cgroups = openCgroups()
  const folder = mkdtempSync(join(tmpdir(), 'worker-recycler-thrash-'))
  const ends: (() => unknown)[] = []
  const start = (program: string, argument: string) => {
    const env = { ...process.env, UV_THREADPOOL_SIZE: '32' }
    const child = fork(program, [argument], { execArgv: [], env })
    ends.push(() => endChild(child))
    return child
  }
  try {
    // Each way has its own, as whoever reads a pressure file holds up the trigger in that file; one lies
    // inside the other, so that a stall in the innermost is one of all.
    const levels = {
      close: cgroups.make('unified', 'close'),
      calm: cgroups.make('unified', 'close/calm'),
      armed: cgroups.make('unified', 'close/calm/armed'),
      kernel: cgroups.make('unified', 'close/calm/armed/kernel'),
    }
    const leaf = cgroups.make('unified', 'close/calm/armed/kernel/leaf')
    const given: Thrasher = {
      file: join(folder, 'file'),
      cgroups: [
        cgroups.make('memory', 'thrasher', { 'memory.limit_in_bytes': LIMIT }),
        cgroups.make('blkio', 'thrasher'),
        leaf,
      ],
    }
    progress('stalls: warming up')
    const thrasher = start(programs.thrasher, JSON.stringify(given))
    await messageOf(thrasher)
    const poller = start(programs.poller, join(leaf, 'memory.pressure'))
    const hearings: Record<Way, Hearing> = {
      close: createHearing(),
      calm: createHearing(),
      armed: createHearing(),
      kernel: createHearing(),
    }
    const watch = (way: Exclude<Way, 'kernel'>, options: PsiMonitorOptions) =>
      ends.push(
        followReadings(
          {
            target: { pid: thrasher.pid ?? 0 },
            // Without a trigger to write, its file is read in the place of the process's own.
            env: { MEMORY_PRESSURE_WATCH: join(levels[way], 'memory.pressure') },
            ...options,
          },
          ({ stall }, atMs) => {
            if ((stall?.someMs ?? 0) >= THRESHOLD_MS) hearings[way].heard(atMs)
          },
        ),
      )
    watch('close', { trigger: 'off', calmMs: 50 })
    watch('calm', { trigger: 'off' })
    watch('armed', { trigger: 'on' })
    const trigger = await armKernelTrigger(
      join(levels.kernel, 'memory.pressure'),
      hearings.kernel.heard,
    )
    ends.push(trigger.stop)

    const rounds: StallRound[] = []
    for (let round = 0; round < ROUNDS; round++) {
      progress(`stalls: ${round + 1} of ${ROUNDS}`)
      await pause(CALM_MS + Math.random() * 2000)
      poller.send('look')
      await messageOf(poller)
      const course = messageOf<StallCourse>(poller)
      thrasher.send('thrash')
      const { startedAtMs, reachedAtMs } = await course
      const toldBy = (way: Way) => hearings[way].firstAfter(startedAtMs, LONGEST_MS)
      const [close, calm, armed, kernel] = await Promise.all([
        toldBy('close'),
        toldBy('calm'),
        toldBy('armed'),
        toldBy('kernel'),
      ])
      const heardAtMs = { close, calm, armed, kernel }
      const resting = messageOf(thrasher)
      thrasher.send('rest')
      await resting
      // The first one is a warm-up.
      if (round > 0) rounds.push({ startedAtMs, reachedAtMs, heardAtMs })
    }
    return stallFindings(rounds, trigger.heardBy)
  } finally {
    await Promise.allSettled(ends.toReversed().map((stop) => stop()))
    rmSync(folder, { recursive: true, force: true })
    await cgroups.remove()
  }
}
