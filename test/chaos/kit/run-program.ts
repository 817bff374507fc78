import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly killed: boolean
  readonly lines: readonly string[]
}

/** Runs a bundled program to its end; its errors go to the test's own. */
export async function runProgram(path: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code, signal]] = await Promise.all([
    text(child.stdout),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ])
  return { code, killed: signal === 'SIGKILL', lines: output.split('\n').filter(Boolean) }
}

/** The number that a program reported as `calls N`; undefined when it did not live to say so. */
export function callsOf({ lines }: Ended): number | undefined {
  const line = lines.find((each) => each.startsWith('calls '))
  return line === undefined ? undefined : Number(line.slice('calls '.length))
}
