import { physicalLines } from './physical-lines.ts'

/** One assignment of a unit file. */
export interface Assignment {
  readonly section: string
  readonly key: string
  readonly value: string
  /** Where it begins, counted from 1. */
  readonly line: number
}

/** Something in a unit file that systemd passes over. */
interface Oddity {
  readonly line: number
  readonly message: string
}

/** What systemd reads in a unit file. */
export interface UnitFile {
  readonly assignments: readonly Assignment[]
  readonly oddities: readonly Oddity[]
  /** False: systemd gave up at the last oddity. A unit is not loaded then, a drop-in counts up to there. */
  readonly isWhole: boolean
}

/**
 * Reads a unit file as systemd does (systemd.syntax(7); tried against 252): sections, `Key=value` with
 * blanks around, comments, lines that go on after a `\`. What comes before the first section is passed
 * over, as is a line that is none of these. A line that is no UTF-8, is longer than 1 MiB, or begins with
 * `[` and is no section ends it: nothing is read from there on.
 */
export function parseUnitFile(bytes: Uint8Array): UnitFile {
  const assignments: Assignment[] = []
  const oddities: Oddity[] = []
  let section: string | undefined
  for (const { latin1, line } of logicalLines(bytes)) {
    const odd = (message: string) => oddities.push({ line, message })
    const giveUp = (message: string): UnitFile => {
      odd(`${message}: from here on nothing is read`)
      return { assignments, oddities, isWhole: false }
    }
    if (latin1 === undefined) return giveUp('The line is longer than 1 MiB')
    const text = decode(strip(latin1))
    if (text === undefined) return giveUp('The line is no UTF-8')
    if (text === '') continue
    if (text.startsWith('[')) {
      const name = text.slice(1, -1)
      if (!text.endsWith(']') || UNSAFE.test(name)) return giveUp(`${quote(text)} is no section`)
      section = name
      continue
    }
    const equals = text.indexOf('=')
    if (section === undefined) odd('It comes before the first section')
    else if (equals === -1) odd(`${quote(text)} is no assignment`)
    else if (equals === 0) odd('The key is missing')
    else {
      const [key, value] = [strip(text.slice(0, equals)), strip(text.slice(equals + 1))]
      assignments.push({ section, key, value, line })
    }
  }
  return { assignments, oddities, isWhole: true }
}

/** Control characters, quotes and `\` have no place in the name of a section. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNSAFE = /["'\\\u0000-\u001F\u007F]/
/** systemd counts them as wrong, unlike a TextDecoder. */
const NONCHARACTER = /\p{Noncharacter_Code_Point}/u
/** In bytes. */
const LONGEST = 2 ** 20
const BYTE_ORDER_MARK = '\u00EF\u00BB\u00BF'
const COMMENT = /^[ \t]*[#;]/
/** An odd number of them: two stand for one that stands for itself. */
const GOES_ON = /(?<!\\)(?:\\\\)*\\$/

interface LogicalLine {
  /** Every character is a byte; undefined for a line that is too long. */
  readonly latin1: string | undefined
  readonly line: number
}

/** Lines with those that they go on in. A comment between them is left out; an empty line ends them. */
function* logicalLines(bytes: Uint8Array): Generator<LogicalLine> {
  let joined = ''
  let line: number | undefined
  let hasMark = false
  for (const [index, raw] of physicalLines(bytes).entries()) {
    line ??= index + 1
    if (raw.length >= LONGEST) {
      yield { latin1: undefined, line }
      return
    }
    if (COMMENT.test(raw)) {
      if (joined === '') line = undefined
      continue
    }
    const isMarked: boolean = !hasMark && raw.startsWith(BYTE_ORDER_MARK)
    hasMark ||= isMarked
    joined += isMarked ? raw.slice(BYTE_ORDER_MARK.length) : raw
    if (joined.length > LONGEST) {
      yield { latin1: undefined, line }
      return
    }
    if (GOES_ON.test(joined)) {
      joined = `${joined.slice(0, -1)} `
      continue
    }
    yield { latin1: joined, line }
    joined = ''
    line = undefined
  }
  if (line !== undefined) yield { latin1: joined, line }
}

const BLANKS = ' \t\n\r'

/** Without systemd's blanks around it, and no others. */
function strip(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && BLANKS.includes(text.charAt(from))) from++
  while (to > from && BLANKS.includes(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(latin1: string): string | undefined {
  try {
    const text = decoder.decode(Buffer.from(latin1, 'latin1'))
    return NONCHARACTER.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

const quote = (text: string): string => JSON.stringify(text)
