import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { systemdHost } from '@worker-recycler/systemd-adapter'
import type { Check } from '../../suite.ts'
import { codesOf, report } from './command.ts'
import { MB, mbText } from './megabytes.ts'
import { countReloads } from './reloads.ts'
import { makeTemplate } from './service-template.ts'
import { readTree } from './tree.ts'

/** A limit for all instances, and a higher one for one of them. */
export const inForceCheck: Check = {
  name: 'brings limits to the kernel with one reload, and takes them back',
  run: async (context) => {
    const { facts, signal } = context
    const isUnified = facts.cgroup === 2
    const template = makeTemplate(context, 'limits', ['ExecStart=/bin/sleep infinity'])
    const instances = await template.start('worker-1', 'worker-2')
    const limits = () => instances.map(({ hardBytes }) => hardBytes())
    assert.deepEqual(limits(), [Infinity, Infinity])
    const treeBefore = readTree()
    const reloadsBefore = await countReloads(context)
    const args = [template.name, '--max', '200M', '--instance', 'worker-1=300M']
    const more = ['--high', '180M', '--low', '32M', '--swap-max', '0']

    const first = await report(context, 'apply', [...args, ...more, '--yes'])
    assert.deepEqual(limits(), [300 * MB, 200 * MB])
    assert.deepEqual(first.notInForce, [])
    const dropped = first.plan.findings.filter(({ code }) => code === 'not_supported')
    if (isUnified) {
      const others = ['memory.high', 'memory.low', 'memory.swap.max']
      const values = instances.map(({ read }) => others.map((file) => Number(read(file))))
      assert.deepEqual(values, [
        [180 * MB, 32 * MB, 0],
        [180 * MB, 32 * MB, 0],
      ])
      assert.deepEqual(dropped, [])
    } else {
      const keys = dropped.map(({ message }) => message.split('=')[0])
      assert.deepEqual(keys, ['MemoryHigh', 'MemoryLow', 'MemorySwapMax'])
    }

    const again = await report(context, 'apply', [...args, ...more, '--yes'])
    assert.ok(again.plan.files.every(({ before, after }) => before === after))
    const reloads = (await countReloads(context)) - reloadsBefore
    assert.deepEqual(limits(), [300 * MB, 200 * MB])

    const applied = JSON.parse(readFileSync(again.receipt, 'utf8')) as never
    assert.deepEqual(await systemdHost().verify(applied, { signal }), [])

    const reverted = await report(context, 'revert', [template.name, '--yes'])
    assert.deepEqual(reverted.left, [])
    assert.deepEqual(limits(), [Infinity, Infinity])
    assert.deepEqual(readTree(), treeBefore)
    const seen = [
      `worker-1 ${mbText(300 * MB)}, worker-2 ${mbText(200 * MB)}, then unlimited and the tree as before`,
      `reloads told ${first.reloads} and ${again.reloads}, counted ${reloads}`,
      `findings ${[...new Set(codesOf(first.plan))].join(', ') || 'none'}`,
      ...dropped.map(({ message }) => message),
    ]
    assert.equal(first.reloads + again.reloads, reloads, seen.join('; '))
    return seen.join('; ')
  },
}
