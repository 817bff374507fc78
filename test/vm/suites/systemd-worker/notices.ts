import assert from 'node:assert/strict'
import type { Check } from '../../suite.ts'
import { install, recycler } from './installed.ts'

/** `OpenFile=` came with it. */
const DESCRIPTOR_SINCE = 253

/** The descriptor that systemd connects to itself, or what there is without. */
export const descriptorCheck: Check = {
  name: 'is ready by the descriptor of OpenFile, and by systemd-notify where there is none',
  run: async (context) => {
    const hasDescriptor = context.facts.systemd >= DESCRIPTOR_SINCE
    const worker = await install(context, 'notifies.service', {
      // By the descriptor it is the main process that speaks, whoever it is.
      lines: [recycler(), 'Type=notify', ...(hasDescriptor ? ['User=nobody'] : [])],
      request: { notify: true },
    })
    await worker.start()
    const shown = await worker.show('ActiveState', 'StatusText', 'MainPID', 'NotifyAccess')
    assert.equal(shown.ActiveState, 'active')
    assert.equal(shown.StatusText, `Takes jobs (pid ${shown.MainPID})`)
    assert.equal(shown.NotifyAccess, 'main')
    const { MESSAGE = '' } = await worker.message(/^Ready: systemd was told/)
    assert.match(MESSAGE, hasDescriptor ? /via=descriptor/ : /via=systemd-notify/)
    return MESSAGE
  },
}

/** What systemd-notify does not tell. */
export const refusalCheck: Check = {
  name: 'warns where NotifyAccess refuses what systemd-notify sent',
  run: async (context) => {
    const worker = await install(context, 'refused.service', {
      lines: [recycler(), 'Type=exec', 'NotifyAccess=main', 'User=nobody'],
    })
    await worker.start()
    const { MESSAGE = '', PRIORITY } = await worker.message(/refused the notification/)
    assert.equal(PRIORITY, '4')
    const shown = await worker.show('ActiveState', 'StatusText')
    assert.deepEqual(shown, { ActiveState: 'active', StatusText: '' })
    return MESSAGE
  },
}
