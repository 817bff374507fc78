import { sleep } from '@worker-recycler/core'
import type { CommandContext } from './command.ts'
import { openScreen } from './screen.ts'

/**
 * Shows a frame every so often until the operator interrupts, or nobody reads any more: in a terminal
 * in its place, elsewhere one after the other.
 */
export async function watch(
  { output, signal, clock }: Pick<CommandContext, 'output' | 'signal' | 'clock'>,
  everyMs: number,
  frame: () => Promise<(width: number) => readonly string[]>,
): Promise<void> {
  const screen = openScreen(output)
  try {
    while (!signal.aborted) {
      const lines = await frame()
      const isRead = screen
        ? await screen.draw(({ columns }) => lines(columns))
        : await output.write(textOf(lines(Infinity)))
      if (!isRead) return
      await sleep(everyMs, clock, signal)
    }
  } catch (error) {
    // To be interrupted is how it ends.
    if (!signal.aborted) throw error
  } finally {
    await screen?.close()
  }
}

/** Lines, each with its end. */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
