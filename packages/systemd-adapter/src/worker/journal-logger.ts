import { fstatSync } from 'node:fs'
import type { Logger } from '@worker-recycler/core'
import type { Environment } from './environment.ts'

/** sd-daemon(3): the number in `<4>` before a line is its priority. */
const PRIORITIES = { debug: 7, info: 6, warn: 4, error: 3 } as const

/**
 * A logger whose lines tell the story of a worker in `journalctl -u`: one plain line each, with the
 * priority where `$JOURNAL_STREAM` says that standard output leads to the journal.
 */
export function journalLogger(
  options: {
    readonly env?: Environment
    readonly write?: (text: string) => void
    /** Device and inode of standard output; defaults to what it is. */
    readonly stream?: string
  } = {},
): Logger {
  const { env = process.env, write = (text) => void process.stdout.write(text) } = options
  const stream = options.stream ?? streamOf(1)
  const hasPriority = stream !== undefined && env['JOURNAL_STREAM'] === stream
  const log =
    (level: keyof typeof PRIORITIES): Logger['info'] =>
    (fields, message) => {
      const prefix = hasPriority ? `<${PRIORITIES[level]}>` : ''
      write(`${prefix}${lineOf(fields, message)}\n`)
    }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

function streamOf(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/** The message, then what it is about: simple values as they are, reasons by their sentences. */
function lineOf(fields: object, message: string): string {
  const parts = Object.entries(fields).flatMap(([key, value]: [string, unknown]) => {
    const text = textOf(value)
    return text === undefined ? [] : [`${key}=${text}`]
  })
  const line = parts.length === 0 ? message : `${message}: ${parts.join(', ')}`
  return line.replaceAll(/\s*\n\s*/g, ' ')
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Error) return value.message
  if (Array.isArray(value)) {
    const texts = value.map(textOf).filter((text) => text !== undefined)
    return texts.length === 0 ? undefined : texts.join('; ')
  }
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      return value !== null && 'message' in value ? String(value.message) : undefined
    default:
      return undefined
  }
}
