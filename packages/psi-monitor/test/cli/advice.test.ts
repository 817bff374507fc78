import { expect, it } from 'vitest'
import { advise } from '../../src/cli/advice.ts'
import type { SourceName, SourceReport } from '../../src/sources/source.ts'

const PATH = '/sys/fs/cgroup/worker'
const LIVE: Readonly<Partial<Record<SourceName, string>>> = {
  usage: '',
  'memory-events': '',
  'stall-total': '',
  'stall-trigger': '',
  'host-pressure': '',
}

/** Advice for a worker that lacks nothing, but for the sources that are refused so. */
const advice = (refused: Readonly<Partial<Record<SourceName, string>>>, live = LIVE) => {
  const sources = Object.entries({ ...live, ...refused }).map(
    ([source, sentence]): SourceReport => ({
      source: source as SourceName,
      state: source in refused ? 'refused' : 'live',
      sentence,
      path: PATH,
    }),
  )
  return advise({
    sources,
    place: { v2: { path: PATH, top: '/sys/fs/cgroup' } },
    reading: {
      monitor: 'psi',
      metric: 'cgroup.unreclaimable',
      atMs: 0,
      usedBytes: 1,
      limitBytes: 10,
      limitedBy: `${PATH}/memory.high`,
    },
    isThrottled: true,
  })
}

it('there is none where nothing is missing', () => {
  expect(advice({})).toEqual([])
})

it.each([
  [{ 'stall-total': 'It cannot be read: EOPNOTSUPP: off' }, 'Boot the kernel with psi=1'],
  [{ 'stall-total': 'It cannot be read: ENOENT: no file' }, `Write 1 to ${PATH}/cgroup.pressure`],
  [
    { 'stall-total': 'ENOENT: no', 'host-pressure': 'ENOENT: no' },
    'Use a kernel with PSI (Linux 4.20, CONFIG_PSI=y)',
  ],
  [
    { 'stall-trigger': 'It cannot be armed: EROFS: read-only' },
    'Triggers need a writable cgroup file system, though nothing depends on them: --security-opt writable-cgroups=true (Docker 28)',
  ],
  [{ 'memory-events': 'EACCES: this user may not' }, 'Run this as root'],
])('what %j lacks is had so: %s', (refused, sentence) => {
  const found = advice(refused)
  expect(found).toHaveLength(1)
  expect(found[0]?.startsWith(sentence), found[0]).toBe(true)
})

it('watches that cannot be had are to be allowed', () => {
  const live = { ...LIVE, 'memory-events': 'They cannot be watched: ENOSPC: the limit' }
  expect(advice({}, live)).toEqual([expect.stringContaining('fs.inotify.max_user_watches')])
})
