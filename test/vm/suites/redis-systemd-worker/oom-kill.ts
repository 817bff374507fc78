import assert from 'node:assert/strict'
import type { Run } from '../../guest/run.ts'

/** An entry of the kernel's log. */
interface Entry {
  readonly MESSAGE?: string
  readonly _SOURCE_MONOTONIC_TIMESTAMP?: string
}

const US_PER_MS = 1000

/** When the kernel last killed for the memory of a unit, by the clock of all processes. */
export async function lastOomKillEpochMs(run: Run, unit: string): Promise<number> {
  const text = await run('journalctl', ['--dmesg', '--no-pager', '--output=json'])
  const entries = text
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entry]))
  const kill = entries.findLast(
    ({ MESSAGE = '' }) => MESSAGE.startsWith('oom-kill:') && MESSAGE.includes(unit),
  )
  assert.ok(kill, `the kernel did not kill in ${unit}`)
  const bootedEpochMs = Date.now() - Number(process.hrtime.bigint()) / 1e6
  return bootedEpochMs + Number(kill['_SOURCE_MONOTONIC_TIMESTAMP']) / US_PER_MS
}
