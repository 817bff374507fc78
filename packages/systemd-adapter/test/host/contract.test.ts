import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EnforcerTestBed, enforcerContract, fakeEnforcer } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import type { SystemdRequest } from '../../src/host/request.ts'
import { CALL, type FakeHostOptions, laterHost } from '../kit/fake-host.ts'

const GIB = 2 ** 30
const SUPPORTS = {
  lastExit: false,
  ledger: false,
  extendStop: false,
  headroom: false,
  requests: false,
  host: true,
}
const DROP_IN = 'etc/systemd/system/worker@.service.d/45-recycler-limits.conf'

const request: SystemdRequest = {
  target: 'worker@.service',
  hardBytes: 2 * GIB,
  overrides: { '2': { max: '4G' } },
  restart: {},
  hook: {},
}

/** A worker that has a systemd for its host; the worker's own side of it is another test's. */
function testBed(scope: string, options: FakeHostOptions): EnforcerTestBed {
  const directory = join(tmpdir(), scope)
  const { host, manager, root, tree, setUp } = laterHost(directory, options)
  const content = (text: string) => text.replace(/^\d+ /, '')
  return {
    setUp,
    tearDown: () => rmSync(directory, { recursive: true, force: true }),
    enforcer: () => ({ ...fakeEnforcer({ supports: SUPPORTS }), host }),
    host: {
      request,
      state: () => ({
        ...Object.fromEntries(Object.entries(tree()).map(([path, text]) => [path, content(text)])),
        first: JSON.stringify(manager.kernel('worker@1.service')),
        second: JSON.stringify(manager.kernel('worker@2.service')),
      }),
      drift: async () => {
        mkdirSync(join(root, DROP_IN, '..'), { recursive: true })
        writeFileSync(join(root, DROP_IN), '[Service]\nMemoryMax=7G\n')
        await manager.reload(CALL)
        await manager.setRuntime('worker@1.service', { MemoryMax: String(7 * GIB) }, CALL)
      },
      obstruct: () => {
        manager.beforeCall = (name) => {
          if (name === 'reload') throw new Error('The manager is busy')
        }
      },
    },
  }
}

const hosts: readonly FakeHostOptions[] = [
  { version: 219, hierarchy: 'legacy' },
  { version: 252 },
  { version: 257 },
]

describe.each(hosts)('on systemd $version', (options) => {
  enforcerContract({ describe, it }, { create: (scope) => testBed(scope, options) })
})
