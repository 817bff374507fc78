import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

/** The value behind a name, in files such as `memory.events` and `/proc/vmstat`. */
export function counter(path: string, name: string): number {
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name} `))
  assert.ok(line, `${path} has no ${name}`)
  return Number(line.slice(name.length + 1))
}
