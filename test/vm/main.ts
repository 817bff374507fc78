import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableText } from '../../bench/harness/table.ts'
import { readArguments, helpText, type Arguments } from './arguments.ts'
import { HostFault } from './host/host-fault.ts'
import { inLanes } from './host/in-lanes.ts'
import { kernel } from './host/kernel.ts'
import { makeProgramsDisk } from './host/programs-disk.ts'
import { lacking } from './host/requirements.ts'
import { runMachine } from './host/run-machine.ts'
import { systemDisk } from './host/system-disk.ts'
import { MACHINES, type Machine } from './machines.ts'
import { allPassed, resultRows, type MachineResult } from './results.ts'
import { SUITES } from './suites/all.ts'

/** Machines at a time: while one waits, the other uses the processors; measured faster than in turn. */
const LANES = 2

const KNOWN = {
  machines: MACHINES.map(({ name }) => name),
  suites: SUITES.map(({ name }) => name),
}

process.exitCode = await main()

async function main(): Promise<number> {
  let options: Arguments
  try {
    options = readArguments(process.argv.slice(2), KNOWN)
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${helpText(KNOWN)}`)
    return 2
  }
  if (options.help) {
    process.stdout.write(`${helpText(KNOWN)}\n`)
    return 0
  }
  const lack = lacking()
  if (lack !== null) {
    say(lack)
    return 2
  }
  let machines: readonly MachineResult[]
  try {
    machines = await run(options)
  } catch (error) {
    if (!(error instanceof HostFault)) throw error
    say(error.message)
    return 2
  }
  const table = { head: ['machine', 'check', 'ok', 'detail'], rows: resultRows(machines) }
  process.stdout.write(`${options.json ? JSON.stringify({ machines }) : tableText(table)}\n`)
  return allPassed(machines) ? 0 : 1
}

async function run({ machines, suites, rebuild }: Arguments): Promise<readonly MachineResult[]> {
  const { signal } = stop()
  const chosen = MACHINES.filter(({ name }) => machines.includes(name))
  const packages = SUITES.flatMap(({ debianPackages = [] }) => debianPackages)
  const folder = mkdtempSync(join(tmpdir(), 'worker-recycler-vm-'))
  try {
    const vmlinuz = await timed('kernel', () => kernel(rebuild, signal))
    const programsDisk = join(folder, 'programs.img')
    await makeProgramsDisk(programsDisk, signal)
    const disks = new Map<string, string>()
    for (const debian of new Set(chosen.map((machine) => machine.debian))) {
      const make = () => systemDisk(debian, packages, rebuild, signal)
      disks.set(debian, await timed(`image of ${debian}`, make))
    }
    const start = (machine: Machine) => () => {
      const system = disks.get(machine.debian) ?? ''
      const parts = { kernel: vmlinuz, systemDisk: system, programsDisk }
      const ran = () => runMachine({ machine, suites, disks: parts, progress: say, signal })
      return timed(machine.name, ran)
    }
    return await inLanes(LANES, chosen.map(start))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Aborts when this process is asked to stop, so that no machine outlives it. */
function stop(): AbortController {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => controller.abort(new HostFault(`Stopped by ${name}.`)))
  }
  return controller
}

async function timed<T>(what: string, act: () => Promise<T>): Promise<T> {
  const startMs = performance.now()
  const result = await act()
  say(`${what}: ${Math.round((performance.now() - startMs) / 1000)} s`)
  return result
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
