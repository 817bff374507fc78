import assert from 'node:assert/strict'
import type { Facts } from '../../guest/facts.ts'
import type { Check } from '../../suite.ts'
import { report } from './command.ts'
import { MB, mbText } from './megabytes.ts'
import { makeTemplate, serviceText, writeUnits } from './service-template.ts'

/** These have the new limit after a reload, and leave the old one in the kernel. */
const isFaulty = ({ systemd }: Facts) => systemd === 256 || systemd === 257

/** What a reload alone does, and what the command makes of it. */
export const reloadFaultCheck: Check = {
  name: 'brings a changed limit to a running unit, also where a reload alone does not',
  run: async (context) => {
    const { facts, run } = context
    const vendor = 'reread@.service.d/10-vendor.conf'
    const lines = ['ExecStart=/bin/sleep infinity', 'Restart=on-failure']
    const template = makeTemplate(context, 'reread', lines, {
      [vendor]: serviceText(['MemoryMax=100M']),
    })
    const [worker] = await template.start('1')
    assert.ok(worker)
    assert.equal(worker.hardBytes(), 100 * MB)

    writeUnits({ [vendor]: serviceText(['MemoryMax=200M']) })
    await run('systemctl', ['daemon-reload'])
    const reloadedBytes = worker.hardBytes()
    assert.equal(await worker.show('MemoryMax'), String(200 * MB))
    // A machine without the fault that it stands for would prove nothing.
    assert.equal(reloadedBytes, (isFaulty(facts) ? 100 : 200) * MB)

    const args = [template.name, '--max', '300M', '--yes']
    const first = await report(context, 'apply', args)
    assert.equal(worker.hardBytes(), 300 * MB)
    assert.deepEqual([first.reloads, first.notInForce], [1, []])
    const cures = first.plan.commands.filter((words) => words.includes('set-property'))
    assert.equal(cures.length, isFaulty(facts) ? 1 : 0)

    const again = await report(context, 'apply', args)
    assert.equal(worker.hardBytes(), 300 * MB)
    assert.deepEqual(again.notInForce, [])
    const seen = [
      `100 MB, after a file of 200 MB and a reload ${mbText(reloadedBytes)}`,
      `after apply of 300 MB ${mbText(worker.hardBytes())} with ${cures.length} set-property`,
      `the same again: ${again.reloads} reloads`,
    ]
    return seen.join('; ')
  },
}
