import type { RedisServer } from '../../test/redis/redis-server.ts'

/** Which commands a server was seen to run, by their names in lower case, and how often. */
export interface SentCommands {
  readonly byClients: ReadonlyMap<string, number>
  readonly byScripts: ReadonlyMap<string, number>
}

/** What `MONITOR` shows of one command: when, `[0 address]` or `[0 lua]`, and its words. */
const LINE = /^[\d.]+ \[\d+ (\S+)\] "([^"]*)"/

/** Watches a server while something goes on; its own connection is not counted. */
export async function sentDuring(
  server: RedisServer,
  something: () => Promise<unknown>,
): Promise<SentCommands> {
  const monitor = await server.raw()
  await monitor.command('MONITOR')
  const sent = { byClients: new Map<string, number>(), byScripts: new Map<string, number>() }
  const end = monitor.onMessage((message) => {
    const [, from, name = ''] = LINE.exec(String(message)) ?? []
    if (from === undefined) return
    const counts = from === 'lua' ? sent.byScripts : sent.byClients
    const key = name.toLowerCase()
    counts.set(key, (counts.get(key) ?? 0) + 1)
  })
  await something()
  end()
  await monitor.close()
  return sent
}

/** Whether a command's name mostly stands for what clients have sent. */
export function isFromClients({ byClients, byScripts }: SentCommands, name: string): boolean {
  return (byClients.get(name) ?? 0) > (byScripts.get(name) ?? 0)
}

/** How many commands clients have sent. */
export function sentCount({ byClients }: SentCommands): number {
  return Array.from(byClients.values()).reduce((sum, count) => sum + count, 0)
}
