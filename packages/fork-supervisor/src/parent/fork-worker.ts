import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createIdentity } from '@worker-recycler/core'
import type { WorkerRef } from '../events.ts'
import { ENVIRONMENT_KEY } from '../protocol.ts'
import type { ResolvedOptions } from '../resolve-options.ts'

/** A worker process just started, or why there is none. */
export type Forked =
  | { readonly child: ChildProcess; readonly ref: WorkerRef }
  | { readonly error: Promise<unknown> }

/** Starts a worker process, without a shell, and names it. */
export function forkWorker(options: ResolvedOptions, slot: number): Forked {
  const invocation = randomBytes(8).toString('hex')
  const { stdio } = options
  try {
    const child = fork(options.script, options.args, {
      execArgv: [...options.execArgv],
      execPath: options.execPath,
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: {
        ...process.env,
        ...options.env,
        [ENVIRONMENT_KEY]: `1:${process.pid}:${invocation}`,
      },
      stdio: stdio === 'stderr' ? ['ignore', 2, 2, 'ipc'] : ['ignore', stdio, stdio, 'ipc'],
      serialization: 'json',
      // A group of its own: Ctrl-C in a terminal then reaches this process only, which passes it on
      // once, and a kill takes along what a job has started. On Windows it would open a console.
      detached: process.platform !== 'win32',
    })
    const { pid } = child
    if (pid === undefined) {
      return { error: new Promise((resolve) => void child.once('error', resolve)) }
    }
    // Failures to send show in each send's callback; without a listener they would end this process.
    child.on('error', () => {})
    return { child, ref: { slot, pid, identity: createIdentity({ pid, invocation }) } }
  } catch (error) {
    return { error: Promise.resolve(error) }
  }
}
