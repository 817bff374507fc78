import { setTimeout as wait } from 'node:timers/promises'
import { redisFetch } from '@worker-recycler/redis-fetch'
import { url } from './settings.js'

const say = (/** @type {string} */ line) => console.log(`  ${process.pid}  ${line}`)

export const source = redisFetch({
  url,
  concurrency: 4,
  handlers: {
    resize: async ({ payload }, { signal, delivery }) => {
      const { image, ms } = /** @type {import('./settings.js').Resize} */ (payload)
      say(`begins ${image}${delivery.count > 1 ? `, run ${delivery.count}` : ''}`)
      // Your work goes here. A job that heeds its signal is handed back when its worker has to leave.
      await wait(ms, undefined, { signal })
      say(`done   ${image}`)
    },
  },
})
