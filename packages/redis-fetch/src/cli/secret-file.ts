import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { Mistake } from './mistake.ts'

/** What those have who neither own the file nor are in its group. */
const EVERYBODY = 0o007

/**
 * Reads a file that may hold a secret. One that does is refused while everybody may read or write it:
 * a warning would get lost in the log of a supervisor, and where a unit is set up the mode is mended in
 * a minute. Its group may: orchestrators hand secrets over by group. Modes mean nothing on Windows.
 */
export function readSecretFile(
  option: string,
  path: string,
  holdsSecret: (text: string) => boolean,
): string {
  let mode: number
  let text: string
  try {
    // One open file: its mode and its content belong together.
    const file = openSync(path, 'r')
    try {
      mode = fstatSync(file).mode
      text = readFileSync(file, 'utf8').trim()
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new Mistake(`${option}: ${path} cannot be read (${code})`)
  }
  if (text === '') throw new Mistake(`${option}: ${path} is empty`)
  if ((mode & EVERYBODY) !== 0 && process.platform !== 'win32' && holdsSecret(text)) {
    throw new Mistake(
      `${option}: everybody on this host may read the password in ${path}: run chmod o-rwx ${path}`,
    )
  }
  return text
}
