import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Context } from '../../guest/context.ts'

/** A command that the server ran, by its own clock. */
interface Command {
  readonly atEpochMs: number
  /** Its words, as MONITOR prints them. */
  readonly text: string
}

/** What the server is asked to do, from now on. */
export interface RedisMonitor {
  readonly commands: readonly Command[]
  readonly stop: () => void
}

/** Follows MONITOR; resolves when nothing more is missed. */
export async function followRedis({ signal, atEnd }: Context): Promise<RedisMonitor> {
  const child = spawn('redis-cli', ['monitor'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = () => void child.kill('SIGKILL')
  atEnd(() => Promise.resolve(stop()))
  const commands: Command[] = []
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line', { signal })
  lines.on('line', (line) => {
    const [seconds, , , ...words] = line.split(' ')
    commands.push({ atEpochMs: Number(seconds) * 1000, text: words.join(' ') })
  })
  return { commands, stop }
}
