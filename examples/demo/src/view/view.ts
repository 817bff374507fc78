import { createLogUpdate } from 'log-update'
import type { Fleet } from '../fleet.ts'
import { frame, type Progress } from './frame.ts'

/** Where a person follows a run. */
export interface View {
  /** Something happened. */
  readonly news: (line: string) => void
  /** Time has passed. */
  readonly draw: (fleet: Fleet, progress: Progress) => void
  /** The run is over. */
  readonly close: () => void
}

/** Shows nothing: for `--json`. */
export const silentView: View = { news: () => {}, draw: () => {}, close: () => {} }

/** Redraws one frame in place; for a terminal. */
export function liveView(stream: NodeJS.WriteStream): View {
  const update = createLogUpdate(stream)
  return {
    news: () => {},
    draw: (fleet, progress) => update(frame(fleet, progress)),
    close: () => update.done(),
  }
}

/** One line for each piece of news, and the count now and then; for a file or a pipe. */
export function plainView(stream: NodeJS.WriteStream): View {
  let shown = -1
  return {
    news: (line) => void stream.write(`${line}\n`),
    draw: (_fleet, { jobs, completed }) => {
      const tenth = Math.floor((10 * completed) / jobs)
      if (tenth === shown) return
      shown = tenth
      stream.write(`${completed} of ${jobs} jobs completed\n`)
    },
    close: () => {},
  }
}
