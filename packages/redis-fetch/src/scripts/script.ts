import { createHash } from 'node:crypto'
import type { Script } from '../driver/driver.ts'

/** Sets `now` to the server's time, in milliseconds: the only clock by which anybody is judged. */
export const NOW: string = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)`

/**
 * A server at its memory limit refuses a script's first write if it could need memory, and no later one
 * (`SCRIPT_WRITE_DIRTY` in Redis's script.c). What moves jobs needs none, and is how the server gets
 * empty again: such scripts begin with a write that changes nothing. One that adds jobs must not.
 */
export const EVEN_IF_FULL: Readonly<Record<'key' | 'set' | 'hash', (key: string) => string>> = {
  key: (key) => `redis.call('PERSIST', ${key})`,
  set: (key) => `redis.call('ZREM', ${key}, '')`,
  hash: (key) => `redis.call('HDEL', ${key}, '')`,
}

/** A script with its hash. */
export function script(name: string, lua: string): Script {
  return { name, lua, sha1: createHash('sha1').update(lua).digest('hex') }
}
