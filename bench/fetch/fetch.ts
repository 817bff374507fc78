import { withoutSidekiq } from '../../test/redis/sidekiq.ts'
import type { Benchmark } from '../harness/benchmark.ts'
import { heartbeatMemory } from './heartbeat-memory.ts'
import { idleCommands } from './idle-commands.ts'
import { pushToStart } from './push-to-start.ts'
import { throughput } from './throughput.ts'

/** What fetching costs: jobs a second, the server's time, the wait of a push, and what idling sends. */
export const fetch: Benchmark = {
  about: 'no-op jobs on Redis beside BRPOP, BullMQ and Sidekiq, push to start, cost of idling',
  run: async (progress) => {
    const reason = withoutSidekiq()
    const figures = [
      ...(await throughput(progress)),
      ...(await pushToStart(progress)),
      ...(await idleCommands(progress)),
      ...(await heartbeatMemory(progress)),
    ]
    return { figures, notes: reason === undefined ? [] : [`Ruby's peers were skipped: ${reason}`] }
  },
}
