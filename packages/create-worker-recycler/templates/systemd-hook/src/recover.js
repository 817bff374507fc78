// systemd runs this after each end of a worker, before the next start: what it held goes back.
import { causeOf, currentDeath } from '@worker-recycler/systemd-adapter'
import { close, recover } from './queue.js'

const death = await currentDeath()
const cause = causeOf(death)
const { recovered } = await recover({ invocation: death.invocation, cause })
console.log(`${death.invocation} is gone (${cause}): ${recovered.length} jobs put back`)
await close()
