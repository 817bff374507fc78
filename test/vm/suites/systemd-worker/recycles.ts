import assert from 'node:assert/strict'
import type { LastExit } from '@worker-recycler/core'
import type { Check } from '../../suite.ts'
import { install, recycler } from './installed.ts'

/** From the start over the drain to the successor. */
export const recycleCheck: Check = {
  name: 'is started again after a recycle, which is no failure, and says what it does meanwhile',
  run: async (context) => {
    const worker = await install(context, 'recycles.service', {
      lines: [recycler(), 'Type=notify', 'NotifyAccess=all'],
      request: { restart: { delayMs: 100 }, stop: { timeoutMs: 60_000 }, hook: {} },
    })
    await worker.start()
    const first = await worker.show('MainPID', 'StatusText', 'SubState')
    assert.equal(first.StatusText, `Takes jobs (pid ${first.MainPID})`)
    assert.equal(first.SubState, 'running')

    await worker.signal('SIGUSR1')
    // Asked for when all of it was told: its job keeps it until then.
    await worker.told('extendedMs')
    const leaving = await worker.show('StatusText', 'ActiveState')
    assert.equal(leaving.StatusText, 'Leaves (recycle) within 57 s: The check asked for it')
    assert.equal(leaving.ActiveState, 'deactivating')
    await worker.signal('SIGUSR2')

    const { lastExit } = (await worker.told('started', 2)) as { lastExit?: LastExit }
    assert.equal(lastExit?.cause, 'recycle')
    assert.equal(lastExit.exitCode, 75)
    await worker.message(/^Ready: systemd was told/, 2)
    const second = await worker.show('NRestarts', 'Result', 'ActiveState', 'MainPID')
    assert.deepEqual(
      [second.NRestarts, second.Result, second.ActiveState],
      ['1', 'success', 'active'],
    )
    assert.notEqual(second.MainPID, first.MainPID)
    const entries = await worker.entries()
    assert.ok(!entries.some(({ MESSAGE = '' }) => /Failed with result/.test(MESSAGE)))
    return `${leaving.StatusText}; then exit code ${lastExit.exitCode}, result ${second.Result}`
  },
}
