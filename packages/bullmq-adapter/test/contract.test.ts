import { jobSourceContract } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { versions } from './bullmq-versions.ts'
import { bullmqBed } from './contract-bed.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`on a real server${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, server } = sharedRedis()
  // Titles and `supports` are asked for before there is a server.
  const port = () => {
    try {
      return server().port
    } catch {
      return undefined
    }
  }

  for (const [version, bullmq] of Object.entries(versions)) {
    describe(`with ${version}`, () => {
      jobSourceContract(
        { describe, it },
        { create: (scope) => bullmqBed(bullmq, { raw, port }, scope) },
      )
    })
  }

  describe('with stalled jobs looked for every 100 ms', () => {
    const settings = { lockDuration: 1000, stalledInterval: 100 }
    jobSourceContract(
      { describe, it },
      { create: (scope) => bullmqBed(versions['BullMQ 6'], { raw, port }, scope, settings) },
    )
  })
})
