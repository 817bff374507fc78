import assert from 'node:assert/strict'
import type { LastExit } from '@worker-recycler/core'
import type { Check } from '../../suite.ts'
import { install, recycler } from './installed.ts'

const MB = 2 ** 20
const LIMIT_MB = 200
/** With what the process has besides, more than the limit, and less than it with a tenth on top. */
const JOB_MB = 192

/** Head-room that is in use when it is to be taken back. */
export const usedRoomCheck: Check = {
  name: 'leaves as a recycle though its drain needed more than MemoryMax, and leaves MemoryMax as it was',
  run: async (context) => {
    const worker = await install(context, 'fuller.service', {
      lines: [
        recycler({ jobMb: JOB_MB, waitsForRoom: true }),
        'Type=exec',
        'StateDirectory=fuller',
      ],
      request: {
        hardBytes: LIMIT_MB * MB,
        hook: {},
        restart: { delayMs: 100 },
        stop: { timeoutMs: 120_000 },
      },
    })
    await worker.start()
    await worker.told('started')
    await worker.signal('SIGUSR1')
    const { lastExit } = (await worker.told('started', 2)) as { readonly lastExit?: LastExit }
    const { MemoryMax } = await worker.show('MemoryMax')
    const peakMb = (lastExit?.memoryPeakBytes ?? 0) / MB
    assert.equal(
      lastExit?.cause,
      'recycle',
      `cause ${lastExit?.cause}, peak ${peakMb.toFixed(1)} MB, then MemoryMax ${MemoryMax}`,
    )
    assert.ok(peakMb > LIMIT_MB, `peak ${peakMb}`)
    assert.equal(MemoryMax, String(LIMIT_MB * MB))
    return `peak ${peakMb.toFixed(1)} MB; then a recycle, and MemoryMax ${MemoryMax}`
  },
}
