import { expect, test } from 'vitest'
import { parseMembership } from '../../src/cgroup/membership.ts'

test.each([
  [
    'cgroup v2 under systemd',
    '0::/system.slice/worker.service\n',
    { v2: '/system.slice/worker.service' },
  ],
  ['a private cgroup namespace', '0::/\n', { v2: '/' }],
  [
    'a hybrid host',
    '4:memory:/jobs/a\n1:cpu,cpuacct:/jobs\n0::/\n',
    { v2: '/', v1Memory: '/jobs/a' },
  ],
  ['v1 alone', '12:pids:/a\n11:memory:/docker/abc\n', { v1Memory: '/docker/abc' }],
  ['v1 with several controllers in a hierarchy', '3:cpuset,memory,pids:/a\n', { v1Memory: '/a' }],
  ['a named hierarchy', '9:name=systemd:/init.scope\n0::/init.scope\n', { v2: '/init.scope' }],
  ['a path outside of the namespace', '0::/../x\n', { v2: '/../x' }],
  ['a removed cgroup', '0::/a/b (deleted)\n', { v2: '/a/b' }],
  ['colons in a path', '0::/a:b/c:d\n', { v2: '/a:b/c:d' }],
  ['a blank in a path', '0::/my group\n', { v2: '/my group' }],
  ['a last line without its end', '0::/a', { v2: '/a' }],
  ['a kernel without the memory controller', '1:cpu:/\n', {}],
  ['a controller whose name holds the word', '1:memory_other:/a\n', {}],
  ['an empty text', '', {}],
  ['other text', 'No such process\n0::relative\n', {}],
])('the cgroups in %s', (_case, text, expected) => {
  expect(parseMembership(text)).toEqual(expected)
})
