import { openSync, writeSync } from 'node:fs'
import type { GuestEvent } from '../results.ts'
import { SUITES } from '../suites/all.ts'
import { openContext } from './context.ts'
import { kernelOption, readFacts } from './facts.ts'
import { runChecks } from './run-checks.ts'

// The second serial port leads to the host; the first is the console.
const port = openSync('/dev/ttyS1', 'w')
const send = (event: GuestEvent): void => void writeSync(port, `${JSON.stringify(event)}\n`)

// A check that ended must not take the others with it by what it left under way.
process.on('unhandledRejection', (error) => process.stdout.write(`left behind: ${String(error)}\n`))

const facts = readFacts()
send({ event: 'booted', systemd: facts.systemdVersion, cgroup: `v${facts.cgroup}` })
const wanted = kernelOption('vm.suites').split(',')
await runChecks(
  SUITES.filter(({ name }) => wanted.includes(name)),
  {
    facts,
    send,
    open: (name, signal) => openContext(facts, name, signal),
    log: (text) => process.stdout.write(`${text}\n`),
  },
)
send({ event: 'finished' })
