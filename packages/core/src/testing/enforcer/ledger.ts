import assert from 'node:assert/strict'
import type { Ledger } from '../../ledger/ledger.ts'
import { abortedSignal, ended } from '../patience.ts'
import type { EnforcerRule } from './rule.ts'

const LEDGER: Ledger = {
  version: 1,
  identity: 'host-1:4711:0123456789ab',
  leaving: 'recycle',
  urgency: 'soft',
  reasons: [{ code: 'above', message: 'Größer als erlaubt: 80 % of 2 GiB' }],
  decidedAtEpochMs: 1_767_225_600_000,
  endedAtEpochMs: 1_767_225_601_500,
  uptimeMs: 3_600_000,
  readings: [{ monitor: 'rss', metric: 'process.rss', atMs: 3_600_000, usedBytes: 1_717_986_918 }],
  beforeBytes: 1_717_986_918,
  running: [{ id: 'job-1', name: 'paint', ageMs: 90_000 }],
  jobs: {
    inFlight: 3,
    completed: 1,
    failed: 0,
    handedBack: 1,
    unknown: [{ id: 'job-1', name: 'paint', ageMs: 91_500 }],
  },
  phases: [{ phase: 'draining', ms: 1500 }],
  growthByJob: [{ name: 'paint', bytesPerRun: 1024.5, totalBytes: 2049, runs: 2 }],
  recycles: [{ atEpochMs: 1_767_225_600_000, beforeBytes: 1_717_986_918 }],
}

/** Rules on the ledger that a process leaves to its successor. */
export function ledgerRules(rule: EnforcerRule): void {
  rule('the ledger that was saved is in the last exit that the successor sees', async (scene) => {
    const { bed, enforcer, options, call } = scene
    await call(enforcer.ready(options), 'ready() to resolve')
    await call(enforcer.saveLedger?.(LEDGER, options), 'saveLedger() to resolve')
    await call(Promise.resolve(enforcer.stop?.(options)), 'stop() to resolve')
    const successor = await bed.successor?.()
    try {
      const exit = await call(successor?.lastExit(options), 'lastExit() to resolve')
      assert.deepEqual(exit?.ledger, LEDGER)
    } finally {
      await successor?.stop?.(options)
    }
  })

  rule('the last ledger that was saved is the one that counts', async (scene) => {
    const { bed, enforcer, options, call } = scene
    await call(enforcer.ready(options), 'ready() to resolve')
    for (const uptimeMs of [1, 2]) {
      await call(enforcer.saveLedger?.({ ...LEDGER, uptimeMs }, options), 'saveLedger() to resolve')
    }
    await call(Promise.resolve(enforcer.stop?.(options)), 'stop() to resolve')
    const successor = await bed.successor?.()
    try {
      const exit = await call(successor?.lastExit(options), 'lastExit() to resolve')
      assert.equal(exit?.ledger?.uptimeMs, 2)
    } finally {
      await successor?.stop?.(options)
    }
  })

  rule('saveLedger() with an aborted signal ends promptly', async ({ enforcer, call }) => {
    const saving = enforcer.saveLedger?.(LEDGER, { signal: abortedSignal() })
    await call(ended(Promise.resolve(saving)), 'saveLedger() to end')
  })
}
