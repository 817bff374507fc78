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

/** To the journal a NUL ends a line, too, and one with other controls it shows as a blob. */
const BREAKS = /\s*[\p{Cc}\u2028\u2029]\s*/gu

/** How deep objects are told; lists of objects one step less. */
const DEPTH = 2

/**
 * The message, then what it is about: simple values as they are, reasons and errors by their sentences,
 * other objects by their simple values.
 */
function lineOf(fields: object, message: string): string {
  const parts = partsOf(fields, 0)
  const line = parts.length === 0 ? message : `${message}: ${parts.join(', ')}`
  return line.replaceAll(BREAKS, ' ')
}

function partsOf(fields: object, depth: number): readonly string[] {
  return Object.entries(fields).flatMap(([key, value]: [string, unknown]) => {
    const text = textOf(value, depth)
    return text === undefined ? [] : [`${key}=${text}`]
  })
}

function textOf(value: unknown, depth: number): string | undefined {
  if (value instanceof Error) return sentenceOf(value)
  if (Array.isArray(value)) {
    const texts = value.flatMap((each) => textOf(each, depth + 1) ?? [])
    return texts.length === 0 ? undefined : texts.join('; ')
  }
  switch (typeof value) {
    case 'number':
      return String(Number(value.toFixed(3)))
    case 'string':
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      if (value === null) return undefined
      if ('message' in value) return String(value.message)
      return depth < DEPTH ? `{${partsOf(value, depth + 1).join(', ')}}` : undefined
    default:
      return undefined
  }
}

/** With its cause, unless it has said that. */
function sentenceOf({ message, cause }: Error): string {
  if (!(cause instanceof Error) || message.includes(cause.message)) return message
  return `${message} (${cause.message})`
}
