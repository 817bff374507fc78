import { jobSourceContract } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { nativeBed, sidekiqBed } from './contract-bed.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`on a real server${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, url } = sharedRedis()
  // Titles and `supports` are asked for before there is a server.
  const server = () => {
    try {
      return { url: url() }
    } catch {
      return { url: 'redis://127.0.0.1:1' }
    }
  }

  describe('native layout', () => {
    jobSourceContract({ describe, it }, { create: (scope) => nativeBed(raw, server, scope) })
  })

  describe('sidekiq layout', () => {
    jobSourceContract({ describe, it }, { create: (scope) => sidekiqBed(raw, server, scope) })
  })
})
