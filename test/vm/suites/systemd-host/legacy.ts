import assert from 'node:assert/strict'
import type { Check } from '../../suite.ts'
import { report } from './command.ts'
import { mbText } from './megabytes.ts'
import { makeTemplate, serviceText } from './service-template.ts'

/** A file from the time before `MemoryMax=`, and a newer key beside its limit. */
export const legacyCheck: Check = {
  name: 'tells that a MemoryLimit is not in force, whatever systemctl status says',
  run: async (context) => {
    const { facts, run } = context
    const template = makeTemplate(context, 'legacy', ['ExecStart=/bin/sleep infinity'], {
      'legacy@.service.d/memory-limit.conf': serviceText(['MemoryLimit=128M', 'MemoryHigh=96M']),
    })
    const [worker] = await template.start('1')
    assert.ok(worker)
    assert.equal(worker.hardBytes(), Infinity)
    const { ok, findings } = await report(context, 'doctor', [worker.unit], { code: 1 })
    assert.equal(ok, false)
    const code = facts.systemd < 258 ? 'legacy_cancelled' : 'legacy_ignored'
    const found = findings.find((each) => each.code === code)
    assert.equal(found?.level, 'error', JSON.stringify(findings))
    assert.match(found.message, /NO hard limit is in force/)
    const status = await run('systemctl', ['status', '--no-pager', worker.unit])
    const told = /Memory: .*/.exec(status)?.[0] ?? 'no line on memory'
    return `kernel ${mbText(worker.hardBytes())}; systemctl status: ${told}; ${code}: ${found.message}`
  },
}
