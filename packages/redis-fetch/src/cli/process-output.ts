import type { Output } from './command.ts'

/** The name under which people start the command. */
export const NAME = 'worker-recycler-redis'

/** The output of this process. */
export function processOutput(): Output {
  const secrets = new Set<string>()
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
      return isTTY ? { columns, rows } : undefined
    },
    write: toStdout,
    json: (value) => toStdout(`${JSON.stringify(value)}\n`),
    tell: (sentence) => {
      let text = sentence
      for (const secret of secrets) text = text.replaceAll(secret, '***')
      return write(process.stderr, `${NAME}: ${text}\n`)
    },
    hide: (secret) => {
      if (secret === '') return
      secrets.add(secret)
      secrets.add(encodeURIComponent(secret))
    },
  }
}
