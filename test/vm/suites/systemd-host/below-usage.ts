import assert from 'node:assert/strict'
import type { Context } from '../../guest/context.ts'
import { counter } from '../../guest/counter.ts'
import { PROGRAMS } from '../../guest/programs.ts'
import type { Check } from '../../suite.ts'
import { codesOf, report, runCommand } from './command.ts'
import { MB, mbText } from './megabytes.ts'
import { type Instance, makeTemplate, type ServiceTemplate } from './service-template.ts'
import { readTree } from './tree.ts'

const HELD_MB = 96
const LIMIT = ['--max', '64M', '--yes']

async function startHolder(
  context: Context,
  prefix: string,
): Promise<{ readonly template: ServiceTemplate; readonly worker: Instance }> {
  const start = `ExecStart=${PROGRAMS}/node ${PROGRAMS}/host-worker.mjs ${HELD_MB}`
  const template = makeTemplate(context, prefix, [start])
  const [worker] = await template.start('1')
  assert.ok(worker)
  await context.until(() => worker.usedBytes() >= HELD_MB * MB || undefined)
  return { template, worker }
}

/** Without a word of force. */
export const refusedCheck: Check = {
  name: 'refuses a limit below what is used, and writes nothing',
  run: async (context) => {
    const { template, worker } = await startHolder(context, 'modest')
    const before = readTree()
    const { applied, plan } = await report(context, 'apply', [template.name, ...LIMIT], { code: 1 })
    assert.equal(applied, false)
    assert.equal(codesOf(plan)[0], 'below_usage')
    assert.deepEqual(readTree(), before)
    assert.equal(worker.hardBytes(), Infinity)
    assert.equal(await worker.show('ActiveState'), 'active')
    return plan.findings[0]?.message ?? ''
  },
}

/** With it, on cgroup v2. */
export const killedCheck: Check = {
  name: 'with --below-usage sets it, and names the unit that the kernel has killed',
  when: ({ cgroup }) => cgroup === 2 || 'cgroup v1 refuses such a limit',
  run: async (context) => {
    const { template, worker } = await startHolder(context, 'killed')
    const before = counter('/proc/vmstat', 'oom_kill')
    const ran = await runCommand(context, ['apply', template.name, ...LIMIT, '--below-usage'])
    assert.equal(ran.code, 1, ran.err + ran.out)
    assert.equal(await worker.show('ActiveState'), 'failed')
    assert.ok(counter('/proc/vmstat', 'oom_kill') > before)
    // In the midst of a reload, 262 may take the kill for anybody's signal.
    const result = await worker.show('Result')
    assert.match(result, /^(?:oom-kill|signal)$/)
    const line = /^ +killed@1\.service ran before.*$/m.exec(ran.out)?.[0]
    assert.ok(line, ran.out)
    return `${result}, exit code ${ran.code}: ${line.replaceAll(/\s+/g, ' ')}`
  },
}

/** With it, on cgroup v1: `systemctl set-property` would end well all the same. */
export const busyCheck: Check = {
  name: 'with --below-usage tells that cgroup v1 has refused it',
  when: ({ cgroup }) => cgroup === 1 || 'cgroup v2 sets such a limit',
  run: async (context) => {
    const { template, worker } = await startHolder(context, 'busy')
    const ran = await runCommand(context, ['apply', template.name, ...LIMIT, '--below-usage'])
    assert.equal(ran.code, 1, ran.err + ran.out)
    assert.match(ran.out, /Not in force/)
    const told = /busy@1\.service: MemoryMax is to be.*\(EBUSY\).*/.exec(ran.out)?.[0]
    assert.ok(told, ran.out)
    assert.equal(worker.hardBytes(), Infinity)
    assert.equal(await worker.show('ActiveState'), 'active')
    const property = Number(await worker.show('MemoryMax'))
    return `systemctl show says ${mbText(property)}, the kernel has ${mbText(worker.hardBytes())}; told: ${told}`
  },
}
