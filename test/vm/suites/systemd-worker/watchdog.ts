import assert from 'node:assert/strict'
import type { LastExit } from '@worker-recycler/core'
import { type DeathRecord, deaths } from '@worker-recycler/systemd-adapter'
import { until } from '../../guest/until.ts'
import type { Check } from '../../suite.ts'
import { install, recycler } from './installed.ts'

const WATCHDOG_SEC = 8
const US_PER_SEC = 1_000_000

/** A worker that lives beats, and one whose event loop stands still does not. */
export const watchdogCheck: Check = {
  name: 'beats for the watchdog while its event loop turns, and is killed when it is blocked',
  run: async (context) => {
    const { signal } = context
    const worker = await install(context, 'watched.service', {
      lines: [
        recycler(),
        'Type=notify',
        'NotifyAccess=all',
        `WatchdogSec=${WATCHDOG_SEC}s`,
        'LimitCORE=0',
      ],
      request: { notify: true, hook: {}, restart: { delayMs: 100 } },
    })
    await worker.start()
    const beatSec = async () =>
      Number((await worker.show('WatchdogTimestampMonotonic')).WatchdogTimestampMonotonic) /
      US_PER_SEC
    const firstSec = await beatSec()
    // Without a beat it would be dead by then.
    const outlived = async () => (await beatSec()) - firstSec > WATCHDOG_SEC || undefined
    await until(outlived, signal, 1000)
    assert.equal((await worker.show('NRestarts')).NRestarts, '0')

    await worker.signal('SIGWINCH')
    await worker.told('blocked')
    const { lastExit } = (await worker.told('started', 2)) as { readonly lastExit?: LastExit }
    const { result } = await firstDeath(worker.unit, signal)
    assert.equal(result, 'watchdog')
    assert.deepEqual([lastExit?.cause, lastExit?.exitSignal], ['signal', 'SIGABRT'])
    return `result ${result}; the successor: cause ${lastExit?.cause}, ${lastExit?.exitSignal}`
  },
}

async function firstDeath(unit: string, signal: AbortSignal): Promise<DeathRecord> {
  for await (const record of deaths(unit, { signal })) return record
  throw new Error(`no record of ${unit}`)
}
