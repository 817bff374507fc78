import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '@worker-recycler/core'
import type { KernelFiles } from '../../packages/psi-monitor/src/kernel/kernel-files.ts'
import { systemFiles } from '../../packages/psi-monitor/src/kernel/system-files.ts'
import { resolveOptions } from '../../packages/psi-monitor/src/resolve-options.ts'
import { startSampler } from '../../packages/psi-monitor/src/sampler.ts'
import type { Figure } from '../harness/figure.ts'
import { spread } from '../harness/spread.ts'
import {
  eventsText,
  hostFiles,
  LIMIT_BYTES,
  literalFiles,
  SERVICE,
  writeHost,
} from './fake-host.ts'
import { followReadings } from './follow-readings.ts'
import { createHearing } from './hearing.ts'
import { monotonicMs } from './monotonic.ts'
import { openCgroups } from './own-cgroups.ts'

const EVENTS = 100
const SPARED = 5
/** A change of the same counter within 100 ms of a reading waits: by the hundred a second they are no news. */
const APART_MS = 120

/** What makes an event happen, and hears of the reading that tells it. */
interface Stage {
  readonly happen: () => void
  readonly heard: (listener: () => void) => void
  readonly close: () => unknown
}

/** From a change of a counter to its reading, by the kernel's own notification of a cgroup's file. */
export function byKernel(progress: (line: string) => void): Promise<Figure[]> {
  progress('events: of a cgroup')
  const cgroups = openCgroups()
  const directory = cgroups.make('unified', 'events')
  const freeze = openSync(join(directory, 'cgroup.freeze'), 'r+')
  let frozen = 0
  let listener = (): void => {}
  const stop = startSampler({
    sampling: resolveOptions({ env: {}, process: false }, LIMIT_BYTES).sampling,
    files: announcedBy(join(directory, 'cgroup.events')),
    clock: systemClock,
    ownRss: () => 0,
    listener: {
      told: ({ events }) => {
        if (events) listener()
      },
      sources: () => {},
      failed: () => {},
    },
  })
  return measure('as the kernel announces `cgroup.events`', {
    happen: () => {
      frozen = 1 - frozen
      writeSync(freeze, String(frozen), 0)
    },
    heard: (told) => {
      listener = told
    },
    close: () => {
      stop()
      closeSync(freeze)
      return cgroups.remove()
    },
  })
}

/** A host of literals, but that `memory.events` counts and is announced as a real cgroup's `cgroup.events` is. */
function announcedBy(path: string): KernelFiles {
  const literal = literalFiles(hostFiles(0.3))
  const real = systemFiles()
  const isCounter = (asked: string) => asked === `${SERVICE}/memory.events`
  return {
    ...literal,
    open: (asked) => {
      if (!isCounter(asked)) return literal.open(asked)
      const file = real.open(path)
      let before = file.read()
      let changes = 0
      return {
        close: file.close,
        read: () => {
          const now = file.read()
          if (now !== before) changes += 1
          before = now
          return eventsText(changes)
        },
      }
    },
    watch: (asked, told) =>
      isCounter(asked) ? real.watch(path, told) : literal.watch(asked, told),
  }
}

/** The same from a plain file that is written to, through the whole monitor. */
export function byFile(progress: (line: string) => void): Promise<Figure[]> {
  progress('events: of a plain file')
  const root = mkdtempSync(join(tmpdir(), 'worker-recycler-host-'))
  writeHost(root, { ...hostFiles(0.3), [`${SERVICE}/memory.events`]: eventsText(1000) })
  const file = openSync(join(root, SERVICE, 'memory.events'), 'r+')
  let high = 1000
  let listener = (): void => {}
  const stop = followReadings({ root, heap: false, process: false }, ({ events }) => {
    if (events) listener()
  })
  return measure('of a plain file', {
    happen: () => {
      high += 1
      writeSync(file, eventsText(high), 0)
    },
    heard: (told) => {
      listener = told
    },
    close: async () => {
      await stop()
      closeSync(file)
      rmSync(root, { recursive: true, force: true })
    },
  })
}

async function measure(name: string, { happen, heard, close }: Stage): Promise<Figure[]> {
  const tookMs: number[] = []
  const hearing = createHearing()
  heard(() => hearing.heard(monotonicMs()))
  try {
    for (let round = 0; round < SPARED + EVENTS; round++) {
      await pause(APART_MS + Math.random() * 30)
      const startMs = monotonicMs()
      happen()
      const atMs = await hearing.firstAfter(startMs, 2000)
      if (atMs === undefined) throw new Error(`An event ${name} was not heard within 2 s`)
      if (round >= SPARED) tookMs.push(atMs - startMs)
    }
  } finally {
    await close()
  }
  return spread({ name: `event to reading, ${name}`, unit: 'ms' }, { p95: '<= 10' }, tookMs)
}
