import { CONTRACT, type Coordinator, RecyclerError } from '@worker-recycler/core'
import { type Channel, processChannel } from './channel.ts'
import { type Line, openLine } from './line.ts'
import { isForkSupervised } from './supervised.ts'

const NAME = 'fork-coordinator'

/**
 * Permits of the fork supervisor, for workers that recycle by their own policy. Its `maxRecycling`
 * caps them together with the recycles that it asks for itself. A worker that recycles keeps its
 * permit until its replacement is ready. Throws `NO_SUPERVISOR` as `forkEnforcer` does.
 */
export function forkCoordinator(options: { readonly channel?: Channel } = {}): Coordinator {
  const channel = options.channel ?? ownChannel()
  // Opened by the first call, for a line keeps the process alive until it is closed.
  let line: Line | undefined
  const open = () => (line ??= openLine(NAME, channel))

  return {
    kind: 'coordinator',
    name: NAME,
    contract: CONTRACT,
    supports: { ttl: true },
    acquire: async (request, call) => {
      const { cohort, holder } = request
      const granted = await open().call({ method: 'acquire', request }, call)
      if (granted !== true) return null
      return {
        cohort,
        holder,
        release: async (end) =>
          void (await open().call({ method: 'release', cohort, holder }, end)),
      }
    },
    stop: () => {
      open().close()
      return Promise.resolve()
    },
  }
}

function ownChannel(): Channel {
  if (isForkSupervised()) return processChannel()
  throw new RecyclerError(
    'NO_SUPERVISOR',
    `[${NAME}] No fork supervisor started this process: without one there is nobody to ask; leave the coordinator out, or use another one`,
  )
}
