import type { Output, ScreenSize } from './command.ts'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR = '\u001b[2J'
const HOME = '\u001b[H'
const CLEAR_TO_END_OF_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

/** A terminal that one frame is shown in, each in the place of the one before. */
export interface Screen {
  /** False when nobody reads it any more. */
  readonly draw: (frame: (size: ScreenSize) => readonly string[]) => Promise<boolean>
  /** Leaves the terminal as it was, with the last frame in it. */
  readonly close: () => Promise<void>
}

/** Takes the terminal; undefined where standard output is none. */
export function openScreen(output: Output): Screen | undefined {
  if (!output.screen()) return undefined
  let start = `${HIDE_CURSOR}${CLEAR}`
  return {
    draw: (frame) => {
      const size = output.screen()
      if (!size) return Promise.resolve(false)
      const text = `${start}${redrawn(frame(size), size)}`
      start = ''
      return output.write(text)
    },
    close: async () => void (await output.write(SHOW_CURSOR)),
  }
}

/**
 * Drawn over what is there, line by line, so that nothing flickers; cut to what fits. The last column
 * stays free: behind a character there, terminals would clear that character.
 */
function redrawn(lines: readonly string[], { columns, rows }: ScreenSize): string {
  const most = Math.max(1, rows - 1)
  const shown = lines.length <= most ? lines : lines.slice(0, most - 1)
  const more = lines.length - shown.length
  const all = more > 0 ? [...shown, `(${more} more lines)`] : shown
  const cut = all.map((line) => `${line.slice(0, columns - 1)}${CLEAR_TO_END_OF_LINE}\n`)
  return `${HOME}${cut.join('')}${CLEAR_BELOW}`
}
