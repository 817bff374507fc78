import type { Output } from './command.ts'
import { jsonText } from './json-text.ts'

/** The name under which people start the command. */
export const NAME = 'worker-recycler-systemd'

/** The output of this process. */
export function processOutput(): Output {
  let gone = false
  // A reader that goes away, such as `head`, is no error.
  process.stdout.on('error', () => {
    gone = true
  })
  process.stderr.on('error', () => {})
  const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
    new Promise((resolve) => void stream.write(text, () => resolve()))
  const toStdout = async (text: string): Promise<boolean> => {
    await write(process.stdout, text)
    return !gone
  }
  return {
    screen: () => {
      const { isTTY, columns, rows } = process.stdout
      // A terminal that was never told its size says 0.
      return isTTY ? { columns: columns || 80, rows: rows || 24 } : undefined
    },
    write: toStdout,
    json: (value) => toStdout(`${jsonText(value)}\n`),
    tell: (sentence) => write(process.stderr, `${NAME}: ${sentence}\n`),
  }
}
