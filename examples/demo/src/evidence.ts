import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a job wrote down while it ran. */
export interface Mark {
  readonly what: 'started' | 'completed'
  readonly id: string
  readonly name: string
  readonly atEpochMs: number
}

/** Everything that one worker process wrote, in order. */
export interface WorkerEvidence {
  readonly identity: string
  readonly marks: readonly Mark[]
}

/** Writes one mark; it is in the file when the call returns, and survives SIGKILL. */
export function writeMark(dir: string, identity: string, mark: Mark): void {
  appendFileSync(fileOf(dir, identity), `${JSON.stringify(mark)}\n`)
}

/** Reads what every worker wrote. */
export function readEvidence(dir: string): readonly WorkerEvidence[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length).replaceAll('~', ':'))
    .map((identity) => ({ identity, marks: readMarks(dir, identity) }))
}

/** What one worker wrote so far. A last line that is cut off was never acted on. */
export function readMarks(dir: string, identity: string): readonly Mark[] {
  const path = fileOf(dir, identity)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Mark)
}

const SUFFIX = '.ndjson'

// Identities hold colons, which not every file system takes.
const fileOf = (dir: string, identity: string) => join(dir, identity.replaceAll(':', '~') + SUFFIX)
