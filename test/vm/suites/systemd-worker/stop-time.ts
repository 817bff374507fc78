import assert from 'node:assert/strict'
import type { Check } from '../../suite.ts'
import { install, recycler } from './installed.ts'

const TIMEOUT_MS = 8000
/** More than systemd grants unasked. */
const STOP_MS = 120_000
const LINES = ['Type=notify', 'NotifyAccess=all']
const REQUEST = { stop: { timeoutMs: TIMEOUT_MS }, hook: {} }

/** A drain that takes more than TimeoutStopSec, with and without asking for it. */
export const stopTimeCheck: Check = {
  name: 'has the time to drain that it asks systemd for, and TimeoutStopSec where it does not ask',
  run: async (context) => {
    const { run } = context
    const asks = await install(context, 'asks.service', {
      lines: [recycler({ stopMs: STOP_MS }), ...LINES],
      request: REQUEST,
    })
    const overruns = await install(context, 'overruns.service', {
      lines: [recycler({ stopMs: STOP_MS, asksTime: false }), ...LINES],
      request: REQUEST,
    })
    await Promise.all([asks.start(), overruns.start()])
    await run('systemctl', ['stop', '--no-block', asks.unit])
    const { extendedMs } = await asks.told('extendedMs')

    await run('systemctl', ['stop', overruns.unit])
    const killed = await overruns.show('Result', 'ExecMainStatus')
    assert.deepEqual(killed, { Result: 'timeout', ExecMainStatus: '9' })
    // It was stopped before the other one, and has the same TimeoutStopSec.
    const { ActiveState, TimeoutStopUSec } = await asks.show('ActiveState', 'TimeoutStopUSec')
    assert.deepEqual([ActiveState, TimeoutStopUSec], ['deactivating', '8s'])
    await asks.signal('SIGUSR2')
    assert.equal((await asks.told('stopped'))['stopped'], 'stop')
    await run('systemctl', ['stop', asks.unit])
    const ended = await asks.show('Result', 'ExecMainStatus')
    assert.deepEqual(ended, { Result: 'success', ExecMainStatus: '0' })
    return `asked for ${Number(extendedMs) / 1000} s and used more than ${TIMEOUT_MS / 1000}; without: result ${killed.Result}`
  },
}
