import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { HostFault } from './host-fault.ts'

/** Runs a command to its end; rejects with the last line of its stderr when it fails. */
export async function command(
  name: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'], signal })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    signal.throwIfAborted()
    throw error
  })) as [number | null]
  if (code === 0) return
  const lines = stderr.trim().split('\n')
  // Of what apt says on the way, the errors are what counts.
  const reason = lines.findLast((line) => line.startsWith('E: ')) ?? lines.at(-1)
  throw new HostFault(`${name} failed: ${reason || `exit code ${code}`}`)
}
