import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDeadline, createIdentity, silentLogger, systemClock } from '@worker-recycler/core'
import { startStopContract } from '@worker-recycler/core/testing'
import { fileFetch } from '@worker-recycler/file-fetch'
import { afterAll, describe, it } from 'vitest'
import { directoryOracle } from './directory-oracle.ts'

const dir = mkdtempSync(join(tmpdir(), 'file-fetch-start-stop-'))
const { names } = directoryOracle(dir)
afterAll(() => rmSync(dir, { recursive: true }))

startStopContract(
  { describe, it },
  {
    name: 'file-fetch',
    create: () => {
      const source = fileFetch({ dir, handlers: {} })
      const { signal } = new AbortController()
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
  },
)
