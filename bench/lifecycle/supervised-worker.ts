// The least worker that the SDK makes: it takes jobs from memory, and there are none.
import { createRecycler } from '@worker-recycler/core'
import { memoryJobSource } from '@worker-recycler/core/testing'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'

await createRecycler({ source: memoryJobSource(), enforcer: forkEnforcer() }).run()
