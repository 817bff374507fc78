import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { systemClock } from '@worker-recycler/core'
import { systemFiles } from '../../packages/psi-monitor/src/kernel/system-files.ts'
import { openStallTrigger } from '../../packages/psi-monitor/src/sources/stall-trigger.ts'
import { monotonicMs } from './monotonic.ts'

/** The kernel's own trigger, of the kind that needs no privilege, as it comes. */
export interface KernelTrigger {
  /** By which call it is heard. */
  readonly heardBy: 'poll(2)' | 'inotify(7)'
  readonly stop: () => void
}

let hasPython: Promise<boolean> | undefined

const TRIGGER = 'some 200000 2000000\0'

/** Ends with its parent, whose end of the pipe is then closed. */
const POLL = `
import os, select, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
os.write(fd, b'some 200000 2000000\\0')
poll = select.poll()
poll.register(fd, select.POLLPRI)
poll.register(0, select.POLLHUP)
print('armed', flush=True)
while True:
    for ready, what in poll.poll():
        if ready == 0 or what & select.POLLERR:
            sys.exit()
        try:
            print(time.monotonic() * 1000, flush=True)
        except BrokenPipeError:
            os._exit(0)
`

/**
 * Arms it in a pressure file. Node.js cannot poll(2) for POLLPRI, so Python does; without Python it is
 * inotify(7), which hears a trigger once only, and a fresh trigger after each.
 */
export async function armKernelTrigger(
  path: string,
  fired: (atMs: number) => void,
): Promise<KernelTrigger> {
  hasPython ??= findPython()
  if (!(await hasPython)) return armWatched(path, fired)
  const child = spawn('python3', ['-c', POLL, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  const armed = await Promise.race([
    once(lines, 'line').then(() => true),
    once(child, 'exit').then(() => false),
  ])
  if (!armed) throw new Error(`No trigger could be armed in ${path}; Python's words stand above`)
  lines.on('line', (line) => fired(Number(line)))
  return { heardBy: 'poll(2)', stop: () => child.kill('SIGKILL') }
}

function armWatched(path: string, fired: (atMs: number) => void): KernelTrigger {
  const trigger = openStallTrigger({
    path,
    bytes: Buffer.from(TRIGGER),
    files: systemFiles(),
    clock: systemClock,
    wake: () => {
      fired(monotonicMs())
      trigger.rearm()
    },
  })
  return { heardBy: 'inotify(7)', stop: () => trigger.close() }
}

async function findPython(): Promise<boolean> {
  try {
    await promisify(execFile)('python3', ['--version'])
    return true
  } catch {
    return false
  }
}
