import { sleep } from '@worker-recycler/core'
import type { CommandContext } from './command.ts'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR = '\u001b[2J'
const HOME = '\u001b[H'
const CLEAR_TO_END_OF_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

/**
 * Shows a frame every so often until the operator interrupts, or nobody reads any more: in a terminal
 * in its place, elsewhere one after the other.
 */
export async function watch(
  { output, signal, clock }: Pick<CommandContext, 'output' | 'signal' | 'clock'>,
  everyMs: number,
  frame: () => Promise<string>,
): Promise<void> {
  const isTerminal = output.screen() !== undefined
  if (isTerminal) await output.write(`${HIDE_CURSOR}${CLEAR}`)
  try {
    while (!signal.aborted) {
      const text = await frame()
      const isRead = await output.write(redrawn(text, output.screen()))
      if (!isRead) return
      await sleep(everyMs, clock, signal)
    }
  } catch (error) {
    // To be interrupted is how it ends.
    if (!signal.aborted) throw error
  } finally {
    if (isTerminal) await output.write(SHOW_CURSOR)
  }
}

/** Drawn over what is there, line by line, so that nothing flickers; cut to what no terminal wraps. */
function redrawn(text: string, screen?: { columns: number; rows: number }): string {
  if (!screen) return text
  const lines = text.trimEnd().split('\n')
  const most = Math.max(1, screen.rows - 1)
  const shown = lines.length <= most ? lines : lines.slice(0, most - 1)
  const more = lines.length - shown.length
  const all = more > 0 ? [...shown, `… ${more} more lines`] : shown
  const cut = all.map((line) => `${line.slice(0, screen.columns - 1)}${CLEAR_TO_END_OF_LINE}\n`)
  return `${HOME}${cut.join('')}${CLEAR_BELOW}`
}
