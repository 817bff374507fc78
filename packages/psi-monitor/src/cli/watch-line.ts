import { eventsText, growthText, leftText, type Moment, stallText } from './moment.ts'
import { usageText } from './usage-text.ts'

/** A moment on one line, for a terminal that is none; what is not known is left out. */
export function watchLine({ epochMs, reading, forecast }: Moment): string {
  const { stall, events } = reading
  const left = leftText(forecast)
  const parts = [
    new Date(epochMs).toISOString(),
    usageText(reading),
    stall && `stall ${stallText(stall)}`,
    events && `events ${eventsText(events, false)}`,
    forecast && `growth ${growthText(forecast)}`,
    left && `limit ${left}`,
  ]
  return `${parts.filter(Boolean).join('  ')}\n`
}
