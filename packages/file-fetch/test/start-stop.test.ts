import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDeadline, createIdentity, silentLogger, systemClock } from '@worker-recycler/core'
import { startStopContract } from '@worker-recycler/core/testing'
import { fileFetch } from '@worker-recycler/file-fetch'
import { describe, it } from 'vitest'
import { directoryOracle } from './directory-oracle.ts'

function create(scope: string) {
  const dir = join(tmpdir(), scope)
  const { names } = directoryOracle(dir)
  const { signal } = new AbortController()
  return {
    service: () => {
      const source = fileFetch({ dir, handlers: {} })
      const context = {
        identity: createIdentity(),
        clock: systemClock,
        logger: silentLogger,
        deadline: createDeadline(systemClock),
        jobStarted: () => {},
        jobSettled: () => {},
        failed: () => {},
      }
      return {
        start: () => source.start(context, { signal }),
        stop: () => source.stop({ signal }),
      }
    },
    leaks: () => [...names('workers'), ...names('working')],
    tearDown: () => rmSync(dir, { recursive: true, force: true }),
  }
}

startStopContract({ describe, it }, { name: 'file-fetch', create })
