import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { INSIDE, type Container } from './container.ts'

/** An entry of the journal, its fields by their names (systemd.journal-fields(7)). */
export type Entry = Readonly<Record<string, string | undefined>>

/** The journal of a container as it grows. */
export interface Journal {
  readonly entries: readonly Entry[]
  /** Resolves with the first entry, past or to come, that matches. */
  readonly until: (matches: (entry: Entry) => boolean) => Promise<Entry>
  /** Resolves with the nth message about a unit, of its own or of the manager, that matches. */
  readonly untilMessage: (unit: string, pattern: RegExp, nth?: number) => Promise<Entry>
  /** Resolves when the container is gone. */
  readonly ended: Promise<unknown>
}

/** Follows the journal of a container from its boot on. */
export async function followJournal(container: Container): Promise<Journal> {
  const [program, args] = container.command([
    'journalctl',
    '--follow',
    '--lines=all',
    '--output=json',
    '--all',
  ])
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: INSIDE })
  await once(child, 'spawn')
  const closed = once(child, 'close')
  const entries: Entry[] = []
  const listeners = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    entries.push(JSON.parse(line) as Entry)
    for (const listener of listeners) listener()
  })
  const until = (matches: (entry: Entry) => boolean, nth = 1): Promise<Entry> =>
    new Promise((resolve) => {
      const look = () => {
        const found = entries.filter(matches)[nth - 1]
        if (!found) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
    })
  return {
    entries,
    until,
    untilMessage: (unit, pattern, nth) =>
      until((entry) => isAbout(entry, unit) && pattern.test(entry['MESSAGE'] ?? ''), nth),
    ended: closed,
  }
}

/** An entry of the manager names the unit that it is about; any other the one that it is from. */
export function isAbout(entry: Entry, unit: string): boolean {
  const { UNIT, USER_UNIT, _SYSTEMD_UNIT, _PID } = entry
  return UNIT === unit || USER_UNIT === unit || (_PID !== '1' && _SYSTEMD_UNIT === unit)
}
