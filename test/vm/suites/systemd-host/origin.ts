import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { jsonLines } from '../../guest/json-lines.ts'
import { PROGRAMS } from '../../guest/programs.ts'
import type { Check } from '../../suite.ts'
import { codesOf, report } from './command.ts'
import { MB, mbText } from './megabytes.ts'
import { makeTemplate, serviceText } from './service-template.ts'

/** Where the command puts the program that records deaths. */
const HOOK = '/usr/local/libexec/worker-recycler-death-record'

/** What operators did by hand, once: drop-ins of a template and of an instance, reload, restart, status. */
export const originCheck: Check = {
  name: 'sets up a template as operators did by hand, and tells of a death by memory',
  run: async (context) => {
    const { facts, run, until, atEnd } = context
    atEnd(() => Promise.resolve(rmSync(HOOK, { force: true })))
    const template = makeTemplate(
      context,
      'dynflow',
      [
        `ExecStart=${PROGRAMS}/node ${PROGRAMS}/host-worker.mjs 8`,
        'StandardOutput=append:/run/dynflow-%i.out',
        'Restart=on-failure',
        'RestartSec=1',
      ],
      // The file that they wrote.
      {
        'dynflow@.service.d/memory-limit.conf': serviceText([
          'MemoryAccounting=yes',
          'MemoryLimit=2G',
        ]),
      },
    )
    const [orchestrator, worker] = await template.start('orchestrator', 'worker')
    assert.ok(orchestrator && worker)
    const isRead = facts.systemd < 258
    const limits = () => [orchestrator, worker].map(({ hardBytes }) => hardBytes())
    const before = limits()
    const old = isRead ? 2048 * MB : Infinity
    assert.deepEqual(before, [old, old])

    const args = ['--max', '192M', '--instance', 'worker=256M', '--recycle', '--hook']
    const asked = [template.name, ...args, '--yes', '--restart']
    const { plan, reloads } = await report(context, 'apply', asked)
    assert.ok(codesOf(plan).includes(isRead ? 'legacy_cancelled' : 'legacy_ignored'))
    assert.deepEqual(limits(), [192 * MB, 256 * MB])

    // Twice started by now: it is told to leak only once it listens.
    const lines = jsonLines('/run/dynflow-worker.out')
    const started = (times: number) => until(() => lines().length >= times || undefined)
    await started(2)
    await run('systemctl', ['kill', '--kill-who=main', '--signal=USR2', worker.unit])
    await started(3)
    const { units } = await report(context, 'status', [template.name])
    const one = units.find(({ target }) => target === worker.unit)
    const death = one?.deaths.at(-1)
    assert.ok(one && death, JSON.stringify(units))
    assert.deepEqual([one.running, one.restarts, one.hardBytes], [true, 1, 256 * MB])
    assert.deepEqual([death.cause, death.exitStatus], ['memory', 'KILL'])
    // Of a group that is killed as a whole, the kernel counts the first one twice.
    assert.ok((death.oomKills ?? 0) >= 1)
    assert.equal(death.result, facts.cgroup === 2 ? 'oom-kill' : 'signal')
    assert.equal(units.find(({ target }) => target === orchestrator.unit)?.hardBytes, 192 * MB)
    const seen = [
      `MemoryLimit=2G: kernel ${mbText(old)}`,
      `apply: ${limits().map(mbText).join(' and ')}, ${reloads} reload`,
      `leak: ${death.result}, cause ${death.cause}, OOM kills ${death.oomKills}, restarts ${one.restarts}`,
      `deaths on record ${one.deaths.map(({ cause }) => cause).join(', ')}`,
      `findings ${codesOf(plan).join(', ')}`,
    ]
    return seen.join('; ')
  },
}
