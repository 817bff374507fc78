import { createHash } from 'node:crypto'
import { assertOneLine } from './escape.ts'

/** One line of a drop-in. */
export interface RenderedSetting {
  readonly section: string
  readonly key: string
  readonly value: string
}

const HEADER = '# Managed by worker-recycler: edit elsewhere, or it is left alone as yours. sha256='
const SHEBANG = /^#!.*\n/

/** The text of a drop-in of ours. Throws a TypeError for what would become another line. */
export function renderDropIn(settings: readonly RenderedSetting[]): string {
  const lines: string[] = []
  let section: string | undefined
  for (const { section: its, key, value } of settings) {
    assertOneLine(`the value of ${key}`, value)
    if (value.endsWith('\\'))
      throw new TypeError(`Expected ${key} not to end with a \\, got ${value}`)
    if (its !== section) lines.push(`[${its}]`)
    section = its
    lines.push(`${key}=${value}`)
  }
  return stamp(lines.map((line) => `${line}\n`).join(''))
}

/** A text with a first line, or in a script a second one, that has the hash of the rest. */
export function stamp(text: string): string {
  const shebang = SHEBANG.exec(text)?.[0] ?? ''
  const body = text.slice(shebang.length)
  return `${shebang}${HEADER}${hashOf(body)}\n${body}`
}

/** Whether a file was written by us, and is as we wrote it. */
export function isOursUnchanged(text: string): boolean {
  const stamped = text.replace(SHEBANG, '')
  if (!stamped.startsWith(HEADER)) return false
  const end = stamped.indexOf('\n')
  return stamped.slice(HEADER.length, end) === hashOf(stamped.slice(end + 1))
}

function hashOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32)
}
