import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobSourceContract, type JobSourceTestBed } from '@worker-recycler/core/testing'
import { fileFetch, fileQueue } from '@worker-recycler/file-fetch'
import { describe, it } from 'vitest'
import { directoryOracle, encodedIdentity } from './directory-oracle.ts'

function create(scope: string): JobSourceTestBed {
  const dir = join(tmpdir(), scope)
  const { ids, names, held } = directoryOracle(dir)
  return {
    source: (options) => fileFetch({ dir, ...options }),
    enqueue: async (name, payload) => (await fileQueue({ dir }).enqueue(name, payload)).id,
    oracle: {
      available: () => ids('queues', 'default', 'ready'),
      held,
      completed: () => ids('completed'),
      quarantined: () => ids('quarantine'),
      registered: () =>
        names('workers').map((name) => name.replaceAll('~', ':').replace(/\.json$/, '')),
    },
    // A process with another start time had this pid.
    expire: (identity) => {
      const path = join(dir, 'workers', `${encodedIdentity(identity)}.json`)
      const record: object = JSON.parse(readFileSync(path, 'utf8'))
      writeFileSync(path, JSON.stringify({ ...record, startTicks: 1 }))
    },
    tearDown: () => rmSync(dir, { recursive: true, force: true }),
  }
}

jobSourceContract({ describe, it }, { create })
