import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { hasOwnOomKill } from '../../src/cli/own-oom-kill.ts'

const GROUP = '/system.slice/worker.service'
const V2 = `0::${GROUP}\n`
const V1 = `9:cpu,memory:${GROUP}\n1:name=systemd:${GROUP}\n0::${GROUP}\n`
/** systemd did not account for its memory: it is in the cgroup of others. */
const SHARED = `9:memory:/system.slice\n1:name=systemd:${GROUP}\n0::${GROUP}\n`

it.each([
  [
    'on cgroup v2',
    V2,
    `${GROUP}/memory.events`,
    'low 0\noom 1\noom_kill 1\noom_group_kill 0\n',
    true,
  ],
  ['on cgroup v1', V1, `memory${GROUP}/memory.oom_control`, 'under_oom 0\noom_kill 12\n', true],
  ['that was none', V2, `${GROUP}/memory.events`, 'oom 3\noom_kill 0\noom_group_kill 1\n', false],
  ['of others', SHARED, 'memory/system.slice/memory.oom_control', 'oom_kill 5\n', false],
  ['of nobody', '', 'memory.events', 'oom_kill 5\n', false],
  ['where there is no count', V2, `${GROUP}/memory.current`, '5\n', false],
])('an OOM kill %s', (_, cgroupText, file, text, isOwn) => {
  const root = mkdtempSync(join(tmpdir(), 'worker-recycler-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
  expect(hasOwnOomKill(cgroupText, root)).toBe(isOwn)
})
