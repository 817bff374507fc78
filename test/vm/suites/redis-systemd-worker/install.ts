import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { PROGRAMS } from '../../guest/programs.ts'
import {
  APP,
  INSTANCES,
  type Instance,
  limitMb,
  LIMITS_MB,
  noted,
  SIZES,
  unitOf,
} from './example.ts'
import { BEFORE, whatIsThere } from './left-behind.ts'
import { chapter } from './story.ts'

const names = Object.keys(INSTANCES) as Instance[]

/** The steps of the example's README. */
export const installCheck = chapter(
  'is installed by its README: three instances work, each for its queue, under MemoryHigh and MemoryMax',
  180_000,
  async ({ run, until }, { run: runProgram, enqueue, show, cgroup }) => {
    await run('systemctl', ['start', 'redis-server.service'])
    writeFileSync(BEFORE, JSON.stringify(await whatIsThere(run)))
    await run('cp', ['-r', `${PROGRAMS}/job-worker`, APP])
    const startMs = performance.now()
    await runProgram('install', ...SIZES)
    const installSec = Math.round((performance.now() - startMs) / 1000)

    for (const name of names) {
      assert.equal(await show(name, 'ActiveState'), 'active')
      assert.equal(await show(name, 'User'), 'job-worker')
      assert.equal(limitMb(cgroup(name, 'memory.max')), LIMITS_MB.max)
      assert.equal(limitMb(cgroup(name, 'memory.high')), LIMITS_MB.high)
      assert.match(await run('systemctl', ['is-enabled', unitOf(name)]), /^enabled/)
      const pid = await show(name, 'MainPID')
      assert.equal((await run('stat', ['--format=%U', `/proc/${pid}`])).trim(), 'job-worker')
    }
    for (const name of names) await enqueue(2, name, { ms: 10, name: `first-${name}` })
    await until(() => noted('done', 'first-').length >= 2 * names.length || undefined)
    for (const { name, instance } of noted('done', 'first-')) {
      assert.equal(name.replace(/-\d$/, ''), `first-${instance}`)
    }
    const usedMb = names.map((name) => Math.round(limitMb(cgroup(name, 'memory.current'))))
    return `installed in ${installSec} s; use ${usedMb.join(', ')} of ${LIMITS_MB.max} MB`
  },
)
