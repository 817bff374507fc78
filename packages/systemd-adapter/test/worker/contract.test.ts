import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EnforcerTestBed, enforcerContract, fakeClock } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import type { SystemdEnforcer } from '../../src/worker/systemd-enforcer.ts'
import { hookIn } from '../death/hook.ts'
import { type Datagrams, noDatagrams, receiveDatagrams } from './datagrams.ts'
import { type FakeService, fakeService } from './fake-service.ts'

/** The invocation that the suite's ledger names. */
const OF_THE_LEDGER = '0123456789ab'
const SUCCESSOR = 'f'.repeat(32)

/** The worker's side; the host's side of it is another test's. */
function workerSide(enforcer: SystemdEnforcer) {
  return { ...enforcer, supports: { ...enforcer.supports, host: false }, host: undefined as never }
}

/** A service whose manager listens, and which leaves a death record and its ledger. */
function testBed(scope: string): EnforcerTestBed {
  const directory = join(tmpdir(), scope)
  const socket = join(directory, 'notify')
  let datagrams: Datagrams | undefined
  const service = (invocation?: string): FakeService =>
    fakeService({
      directory,
      ...(invocation !== undefined && { invocation }),
      env: { NOTIFY_SOCKET: socket, STATE_DIRECTORY: join(directory, 'state-of-the-unit') },
    })
  return {
    setUp: async () => {
      mkdirSync(directory)
      service().setUp()
      datagrams = await receiveDatagrams(socket)
    },
    tearDown: async () => {
      await datagrams?.close()
      rmSync(directory, { recursive: true, force: true })
    },
    enforcer: () => workerSide(service().enforcer({ clock: fakeClock() })),
    successor: async () => {
      const next = service(SUCCESSOR)
      await hookIn(directory)({
        unit: next.unit,
        spool: next.spool,
        env: {
          INVOCATION_ID: OF_THE_LEDGER,
          SERVICE_RESULT: 'success',
          EXIT_CODE: 'exited',
          EXIT_STATUS: '75',
        },
      })
      return workerSide(next.enforcer({ clock: fakeClock() }))
    },
  }
}

describe.skipIf(noDatagrams)(
  `a service of the fake manager${noDatagrams === undefined ? '' : ` (skipped: ${noDatagrams})`}`,
  () => {
    enforcerContract({ describe, it }, { create: testBed })
  },
)
