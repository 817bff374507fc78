import { createRecycler } from '@worker-recycler/core'
import { fileFetch } from '@worker-recycler/file-fetch'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'

const recycler = createRecycler({
  source: fileFetch({
    dir: 'queue',
    handlers: { greet: ({ payload }) => console.log(`Hello, ${String(payload)}`) },
  }),
  enforcer: forkEnforcer(),
})
await recycler.run()
