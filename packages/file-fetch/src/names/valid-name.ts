import { encodeName } from './percent.ts'

const MAX_ID = 64
const MAX_QUEUE = 48
const MAX_ENCODED_JOB_NAME = 80

// No leading dot or dash: `..` is no name, files are never hidden, and none looks like an option.
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for.
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/

/** Whether a text may be a job's id: 1 to 64 of `A-Z a-z 0-9 _ . -`, not led by a dot or dash. */
export function isId(text: string): boolean {
  return text.length <= MAX_ID && PLAIN.test(text)
}

/** Whether a text may name a queue: 1 to 48 of `A-Z a-z 0-9 _ . -`, not led by a dot or dash. */
export function isQueueName(text: string): boolean {
  return text.length <= MAX_QUEUE && PLAIN.test(text)
}

/** Whether a text may name a kind of job: no control characters, at most 80 bytes when encoded. */
export function isJobName(text: string): boolean {
  if (text === '' || CONTROL.test(text) || !isWellFormed(text)) return false
  return encodeName(text).length <= MAX_ENCODED_JOB_NAME
}

/** Throws a TypeError for what `isId` refuses. */
export function checkId(value: unknown): string {
  if (typeof value === 'string' && isId(value)) return value
  throw new TypeError(
    `Expected \`id\` to be 1 to 64 letters, digits, "_", "." or "-", not led by "." or "-", got ${show(value)}`,
  )
}

/** Throws a TypeError for what `isQueueName` refuses. */
export function checkQueueName(value: unknown): string {
  if (typeof value === 'string' && isQueueName(value)) return value
  throw new TypeError(
    `Expected a queue's name to be 1 to 48 letters, digits, "_", "." or "-", not led by "." or "-", got ${show(value)}`,
  )
}

/** Throws a TypeError for what `isJobName` refuses. */
export function checkJobName(value: unknown): string {
  if (typeof value === 'string' && isJobName(value)) return value
  throw new TypeError(
    `Expected a job's name to be text without control characters, at most 80 bytes once all but letters, digits, "_", "." and "-" are written as %XX, got ${show(value)}`,
  )
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200)
}

/** A lone surrogate has no UTF-8 form, so no file can be named by it. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}
