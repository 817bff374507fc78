import { jobSourceContract } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { nativeBed } from '../contract-bed.ts'
import { sharedCluster } from './shared-cluster.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`on a cluster${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const { raw, server } = sharedCluster()

  jobSourceContract({ describe, it }, { create: (scope) => nativeBed(raw, server, scope) })
})
