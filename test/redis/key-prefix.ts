import { randomUUID } from 'node:crypto'

/** A prefix that no other test has, so that tests share a server and nothing else. */
export function keyPrefix(name = 'test'): string {
  return `${name}-${randomUUID()}:`
}
