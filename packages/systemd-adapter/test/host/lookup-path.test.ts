import { spawnSync } from 'node:child_process'
import { describe, expect, it, test } from 'vitest'
import { lookupPath, writePath } from '../../src/host/lookup-path.ts'

const USER = { home: '/home/me', runtime: '/run/user/7' }
const analyze = (...args: string[]) =>
  spawnSync('systemd-analyze', args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: USER.home, XDG_RUNTIME_DIR: USER.runtime },
  })
const { error } = analyze('--version')
const reason = error && `systemd-analyze: ${error.message}`

describe.skipIf(reason)(`the lookup path${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it.each([
    ['system', []],
    ['user', ['--user']],
  ] as const)('of %s units is that of the real systemd', (scope, flags) => {
    const paths = analyze(...flags, 'unit-paths')
      .stdout.trim()
      .split('\n')
    // Whether `/lib` is one of them is decided when systemd is built.
    const ours = lookupPath(scope, USER).filter(
      (path) => !path.startsWith('/lib/') || paths.includes(path),
    )
    expect(ours).toEqual(paths)
  })
})

test('drop-ins are written where the lookup path is the administrator’s', () => {
  for (const scope of ['system', 'user'] as const) {
    for (const persistence of ['persistent', 'runtime'] as const) {
      expect(lookupPath(scope, USER)).toContain(writePath(scope, persistence, USER))
    }
  }
})
