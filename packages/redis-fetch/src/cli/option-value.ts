import { parseDuration } from './duration.ts'
import { Mistake } from './mistake.ts'

/** A time in ms, above 0. */
export function durationOf(name: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw new Mistake(`${name} takes a time such as 500ms, 30s or 2m, not ${JSON.stringify(text)}`)
}

/** A whole number from 1 up. */
export function wholeOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new Mistake(`${name} takes a whole number from 1 up, not ${JSON.stringify(text)}`)
}

/** A host with its port: `redis-1:26379`, `[::1]:6379`. */
export function hostPortOf(name: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text)
  const [host, port] = [match?.[1] ?? match?.[2], Number(match?.[3])]
  if (host !== undefined && port > 0 && port < 65_536) return { host, port }
  // What does not fit may be a URL with a password: it is not repeated.
  throw new Mistake(`${name} takes HOST:PORT, such as redis-1:6379`)
}
