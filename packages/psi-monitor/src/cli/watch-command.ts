import type { Clock, Reading } from '@worker-recycler/core'
import { createForecaster } from '../forecast.ts'
import { systemFiles } from '../kernel/system-files.ts'
import type { CommandContext } from './command.ts'
import { durationOf } from './duration.ts'
import { glyphsFor } from './glyphs.ts'
import { createHistory } from './history.ts'
import type { Moment } from './moment.ts'
import { type NamedTarget, readTarget } from './named-target.ts'
import { openMonitor, rootOf } from './open-monitor.ts'
import { readingsOf, sourcesOf } from './readings.ts'
import { openScreen } from './screen.ts'
import { watchFrame } from './watch-frame.ts'
import { watchLine } from './watch-line.ts'

const DEFAULT_EVERY_MS = 1000
const CLOSE_MS = 50
const FORECAST_MS = 60_000
/** Twice what a forecast needs. */
const FORECAST_READINGS = 24

/** `watch`: readings as they come, until the operator interrupts; fails when the target is gone. */
export async function watchCommand(context: CommandContext): Promise<number> {
  try {
    await watch(context)
  } catch (error) {
    // To be interrupted is how it ends.
    if (!context.signal.aborted) throw error
  }
  return 0
}

async function watch(context: CommandContext): Promise<void> {
  const { values, clock } = context
  const everyMs = durationOf('--interval', values.interval, DEFAULT_EVERY_MS)
  const named = await readTarget(context, systemFiles(rootOf(values)))
  const monitor = openMonitor(context, named, {
    calmMs: everyMs,
    closeMs: Math.min(everyMs, CLOSE_MS),
    // While a trigger is armed little is read, and a chart is to move.
    trigger: 'off',
  })
  const history = createHistory(everyMs)
  const forecaster = createForecaster({
    windowMs: Math.max(FORECAST_MS, FORECAST_READINGS * everyMs),
  })
  const display = openDisplay(context, named)
  try {
    for await (const reading of readingsOf(monitor, named, context)) {
      history.add(reading)
      const isRead = await display.show({
        title: named.title,
        everyMs,
        epochMs: epochMsOf(reading, clock),
        reading,
        forecast: forecaster.add(reading),
        history,
        sources: sourcesOf(monitor, named),
      })
      if (!isRead) return
    }
  } finally {
    await display.close()
  }
}

/** Where moments are shown. */
interface Display {
  /** False when nobody reads any more. */
  readonly show: (moment: Moment) => Promise<boolean>
  readonly close: () => Promise<void>
}

function openDisplay({ values, env, output }: CommandContext, { named }: NamedTarget): Display {
  const close = () => Promise.resolve()
  if (values.json) {
    return {
      show: ({ epochMs, reading, forecast }) =>
        output.json({ epochMs, target: named, ...reading, forecast }),
      close,
    }
  }
  const screen = openScreen(output)
  if (!screen) return { show: (moment) => output.write(watchLine(moment)), close }
  const glyphs = glyphsFor(env)
  return {
    show: (moment) => screen.draw((size) => watchFrame(moment, size, glyphs)),
    close: screen.close,
  }
}

function epochMsOf({ atMs }: Reading, clock: Clock): number {
  return Math.round(clock.epochMs() - (clock.nowMs() - atMs))
}
