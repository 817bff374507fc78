import { createRecycler } from '@worker-recycler/core'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'
import { source } from './jobs.js'
import { logger } from './settings.js'

const recycler = createRecycler({ source, enforcer: forkEnforcer(), logger })
await recycler.run()
