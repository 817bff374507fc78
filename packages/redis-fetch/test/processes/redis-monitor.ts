import { onTestFinished } from 'vitest'
import type { RedisServer } from '../../../../test/redis/redis-server.ts'

/** What a server does, command by command, those of scripts included. */
export interface RedisMonitor {
  readonly lines: readonly string[]
  /** Resolves with the first line from now on that is the one looked for. */
  until(wanted: (line: string) => boolean): Promise<string>
}

/** Watches a server until the test ends. */
export async function redisMonitor(server: RedisServer): Promise<RedisMonitor> {
  const raw = await server.raw()
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  await raw.command('MONITOR')
  raw.onMessage((message) => {
    const line = String(message)
    lines.push(line)
    for (const listener of listeners) listener(line)
  })
  onTestFinished(() => raw.close())
  return {
    lines,
    until: (wanted) =>
      new Promise((resolve) => {
        const listener = (line: string) => {
          if (!wanted(line)) return
          listeners.delete(listener)
          resolve(line)
        }
        listeners.add(listener)
      }),
  }
}
