import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../machines.ts'
import {
  allPassed,
  type GuestEvent,
  guestEvent,
  machineResult,
  type MachineResult,
} from '../results.ts'
import { boot, type Boot } from './boot.ts'
import { CACHE } from './cache.ts'

const LIMIT_MS = 1_500_000

/** How a machine is run. */
export interface MachineRun {
  readonly machine: Machine
  readonly suites: readonly string[]
  readonly disks: Pick<Boot, 'kernel' | 'systemDisk' | 'programsDisk'>
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

/** Boots a machine, hears its checks as they end, and sees to it that it ends. */
export async function runMachine(run: MachineRun): Promise<MachineResult> {
  const { machine, suites, disks, progress, signal } = run
  const events: GuestEvent[] = []
  const console = join(CACHE, `console-${machine.name}.log`)
  const options = [
    ...(machine.kernelOptions ?? []),
    `vm.machine=${machine.name}`,
    `vm.suites=${suites.join(',')}`,
  ]
  const limit = AbortSignal.timeout(LIMIT_MS)
  let startedMs = 0
  const onLine = (line: string) => {
    const event = guestEvent(line)
    if (event === null) return
    events.push(event)
    if (event.event === 'started') startedMs = performance.now()
    if (event.event !== 'ended') return
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    progress(`${machine.name}: ${progressLine(event)}${event.ok === null ? '' : ` ${seconds} s`}`)
  }
  let end = 'the machine powered off before its time'
  try {
    await boot({ ...disks, options, console }, onLine, AbortSignal.any([limit, signal]))
  } catch (error) {
    signal.throwIfAborted()
    if (limit.aborted) end = `the machine did not end within ${LIMIT_MS / 1000} s`
    else end = error instanceof Error ? error.message : String(error)
  }
  const result = machineResult(machine.name, events, end)
  if (allPassed([result])) rmSync(console, { force: true })
  else progress(`${machine.name}: its console is in ${console}`)
  return result
}

function progressLine({ name, ok, detail }: GuestEvent & { event: 'ended' }): string {
  return `${ok === null ? 'n/a' : ok ? 'ok' : 'FAILED'} ${name} (${detail})`
}
