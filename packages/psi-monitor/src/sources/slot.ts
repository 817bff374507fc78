import { isGone, reasonOf } from '../kernel/errno.ts'
import type { Opening, OpenSource, SourceName, SourceReport } from './source.ts'

/** The place of one source in a monitor: filled, or empty with the reason. */
export interface Slot<S extends OpenSource> {
  /**
   * Asks the source, if it is live. When the kernel says that its cgroup or process is gone, `gone`
   * decides: true to look for it once more. Any other error ends it.
   */
  readonly use: <T>(ask: (source: S) => T) => T | undefined
  readonly live: () => boolean
  readonly end: (error: unknown) => void
  readonly report: () => SourceReport
  readonly close: () => void
}

/** Fills a slot. `opening` says itself why there is no source; what it throws is a refusal, too. */
export function openSlot<S extends OpenSource>(
  name: SourceName,
  open: () => Opening<S>,
  gone: () => boolean,
): Slot<S> {
  const opening = attempt(open)
  let source = opening.state === 'live' ? opening.source : undefined
  let report: SourceReport = {
    source: name,
    state: opening.state,
    sentence: opening.sentence,
    ...(opening.path !== undefined && { path: opening.path }),
  }
  const close = () => {
    source?.close()
    source = undefined
  }
  const end = (error: unknown) => {
    if (!source) return
    close()
    report = { ...report, state: 'ended', sentence: `It ended: ${reasonOf(error)}.` }
  }
  return {
    use: (ask) => {
      if (!source) return undefined
      try {
        return ask(source)
      } catch (error) {
        if (!isGone(error) || !gone()) end(error)
        return undefined
      }
    },
    live: () => source !== undefined,
    end,
    report: () => report,
    close,
  }
}

function attempt<S extends OpenSource>(open: () => Opening<S>): Opening<S> {
  try {
    return open()
  } catch (error) {
    return { state: 'refused', sentence: `It cannot be had: ${reasonOf(error)}.` }
  }
}
