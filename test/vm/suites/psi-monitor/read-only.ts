import assert from 'node:assert/strict'
import type { Check } from '../../suite.ts'
import { startMonitored } from './monitored.ts'
import { unified } from './unified.ts'

const WORK = { leakMbPerSecond: 20, monitor: { trigger: 'on' } } as const
const PROPERTIES = ['MemoryHigh=96M', 'MemoryMax=160M', 'ProtectControlGroups=yes']

/** One check for root, and one for a user who owns nothing. */
export const readOnlyChecks: readonly Check[] = [[], ['User=nobody']].map((user) => ({
  name: `hears of memory.events with a read-only cgroupfs${user.length > 0 ? ', as nobody' : ''}`,
  when: unified,
  run: async (context) => {
    const worker = await startMonitored(context, WORK, [...PROPERTIES, ...user])
    const events = await worker.source('memory-events')
    assert.equal(events.state, 'live')
    const trigger = await worker.source('stall-trigger')
    const watch = await worker.source('systemd-watch')
    // Since 254 systemd leaves this one file writable to the service.
    if (context.facts.systemd >= 254) assert.equal(watch.state, 'live')
    else assert.equal(trigger.state, 'refused')
    const { reading } = await worker.reading((each) => (each.events?.high ?? 0) > 0)
    const said = [trigger, watch].map(
      ({ source, state, sentence }) => `${source} ${state}: ${sentence}`,
    )
    return `high ${reading.events?.high}; ${said.join(' ')}`
  },
}))
