import assert from 'node:assert/strict'
import type { LastExit } from '@worker-recycler/core'
import type { Check } from '../../suite.ts'
import { type Entry, install, recycler } from './installed.ts'

const MB = 2 ** 20
const LIMIT_BYTES = 96 * MB

/** What the worker itself says, by priority and message: a start, a recycle, a start, a kill, a start. */
const STORY: readonly (readonly [priority: string, message: RegExp])[] = [
  ['6', /^Worker started: /],
  ['6', /^Ready: systemd was told: /],
  ['4', /^Recycle requested: .*reasons=The check asked for it/],
  ['6', /^Leaving: fetching stops: .*leaving=recycle, reasons=The check asked for it/],
  ['6', /^Worker stopped: .*exitCode=75/],
  ['6', /^Worker started: .*cause=recycle/],
  ['6', /^Ready: systemd was told: /],
  ['4', /^The predecessor died; .*cause=memory/],
  ['6', /^Worker started: .*cause=memory/],
  ['6', /^Ready: systemd was told: /],
]

/** One life and its successors, for the next process and for who reads the journal. */
export const storyCheck: Check = {
  name: 'tells its successor and the journal of a recycle, and of an OOM kill with its peak',
  run: async (context) => {
    const worker = await install(context, 'told.service', {
      lines: [recycler(), 'Type=notify', 'NotifyAccess=all'],
      request: { notify: true, hardBytes: LIMIT_BYTES, hook: {}, restart: { delayMs: 100 } },
    })
    await worker.start()
    await worker.signal('SIGUSR1')
    await worker.told('grantedBytes')
    await worker.signal('SIGUSR2')
    const afterRecycle = (await worker.told('started', 2)) as { readonly lastExit?: LastExit }
    assert.equal(afterRecycle.lastExit?.cause, 'recycle')
    await worker.message(/^Ready: systemd was told/, 2)
    await worker.signal('SIGHUP')
    const { lastExit } = (await worker.told('started', 3)) as { readonly lastExit?: LastExit }
    assert.deepEqual([lastExit?.cause, lastExit?.exitSignal], ['memory', 'SIGKILL'])
    const peakBytes = lastExit?.memoryPeakBytes ?? 0
    assert.ok(peakBytes > 0.9 * LIMIT_BYTES && peakBytes <= LIMIT_BYTES, `peak ${peakBytes}`)
    await worker.message(/^Ready: systemd was told/, 3)

    const entries = await worker.entries()
    const own = entries.filter(({ _PID, PRIORITY }) => _PID !== '1' && Number(PRIORITY) < 7)
    const text = own.map(line).join(' | ')
    let at = 0
    for (const [priority, message] of STORY) {
      const isNext = ({ MESSAGE = '' }: Entry) => message.test(MESSAGE)
      const next = own.slice(at).findIndex(isNext)
      assert.ok(next >= 0, `${String(message)} is not, or not in its place, in: ${text}`)
      at += next + 1
      assert.equal(own[at - 1]?.['PRIORITY'], priority)
    }
    return `peak ${(peakBytes / MB).toFixed(1)} of ${LIMIT_BYTES / MB} MB; ${own.length} lines`
  },
}

const line = ({ PRIORITY, MESSAGE }: Entry) => `<${PRIORITY}>${MESSAGE}`
