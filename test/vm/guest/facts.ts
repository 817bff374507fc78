import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { MACHINES, type Machine } from '../machines.ts'

/** What is known of the machine inside which a check runs. */
export interface Facts {
  /** What it is meant to be. */
  readonly machine: Machine
  /** The first line of `systemctl --version`, less its first word. */
  readonly systemdVersion: string
  readonly systemd: number
  readonly cgroup: 1 | 2
}

/** The host names the machine, and the suites to run, on the kernel's command line. */
export function kernelOption(name: string): string {
  const words = readFileSync('/proc/cmdline', 'utf8').trim().split(' ')
  const word = words.find((each) => each.startsWith(`${name}=`))
  if (word === undefined) throw new Error(`the kernel's command line has no ${name}=`)
  return word.slice(name.length + 1)
}

/** Looks at the machine. */
export function readFacts(): Facts {
  const name = kernelOption('vm.machine')
  const machine = MACHINES.find((each) => each.name === name)
  if (machine === undefined) throw new Error(`no machine is called ${name}`)
  const [firstLine = ''] = execFileSync('systemctl', ['--version'], { encoding: 'utf8' }).split(
    '\n',
  )
  const systemdVersion = firstLine.replace('systemd ', '')
  return {
    machine,
    systemdVersion,
    systemd: Number.parseInt(systemdVersion, 10),
    // Only the root of a unified hierarchy has this file there.
    cgroup: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1,
  }
}
