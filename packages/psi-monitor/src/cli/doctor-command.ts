import type { Reading } from '@worker-recycler/core'
import { systemFiles } from '../kernel/system-files.ts'
import type { CommandContext } from './command.ts'
import { diagnose } from './diagnosis.ts'
import { doctorText } from './doctor-text.ts'
import { readTarget } from './named-target.ts'
import { openMonitor, rootOf } from './open-monitor.ts'
import { readingsOf, sourcesOf } from './readings.ts'

/** `doctor`: which sources can be had, what governs, and what could be better; 1 when nothing warns. */
export async function doctorCommand(context: CommandContext): Promise<number> {
  const { values, output } = context
  const files = systemFiles(rootOf(values))
  const named = await readTarget(context, files)
  const monitor = openMonitor(context, named)
  const sources = sourcesOf(monitor, named)
  const isMeasured = sources.some(({ source, state }) => source === 'usage' && state === 'live')
  const reading = isMeasured ? await firstOf(readingsOf(monitor, named, context)) : undefined
  const diagnosis = diagnose(named, sources, reading, files)
  if (values.json) await output.json(diagnosis)
  else {
    const width = output.screen()?.columns ?? Infinity
    await output.write(doctorText(diagnosis, named.title, width))
  }
  return diagnosis.ok ? 0 : 1
}

async function firstOf(readings: AsyncIterable<Reading>): Promise<Reading | undefined> {
  for await (const reading of readings) return reading
  return undefined
}
