import { ENVIRONMENT_KEY } from '../protocol.ts'

/** The name that the supervisor gave this process; undefined without a supervisor. */
export function readInvocation(): string | undefined {
  const [, ppid, invocation] =
    /^1:(\d+):([0-9a-f]{12,64})$/.exec(process.env[ENVIRONMENT_KEY] ?? '') ?? []
  // A program that the worker starts inherits its environment, but not its parent.
  return process.send && Number(ppid) === process.ppid ? invocation : undefined
}

/** Whether this process was started by a fork supervisor that is still there, so that `forkEnforcer()` works. */
export function isForkSupervised(): boolean {
  return readInvocation() !== undefined && process.connected
}
