import { type Layout, remembered } from './layout.ts'
import { checkPrefix } from './queue-name.ts'
import { sidekiqCodec } from './sidekiq-codec.ts'

// A queue's name may hold colons, a host's cannot: the identity is what is left of the end.
const WITH_NONCE = /^(.+):([^:]+:\d+:[0-9a-f]+)$/
const LEGACY = /^(.+):([^:]+:\d+)$/

/**
 * The keys of Sidekiq and of GitLab's reliable fetcher, so that their processes and ours work off the
 * same queues and put back each other's jobs; what they do not have lies under `wr:`. `prefix` is
 * written before every key as it is: `ns:` for redis-namespace's `ns`. Defaults to none.
 */
export function sidekiqLayout(prefix = ''): Layout {
  const ns = checkPrefix(prefix)
  const ours = `${ns}wr`
  const working = `${ns}working:queue:`
  return {
    name: 'sidekiq',
    clusterSafe: false,
    codec: sidekiqCodec,
    fleet: {
      workers: `${ours}:workers`,
      names: `${ours}:names`,
      keeper: `${ours}:keeper`,
      due: `${ours}:due`,
      queues: `${ns}queues`,
      keeperBell: `${ours}:bell`,
      worker: (identity) => `${ours}:worker:${identity}`,
      fence: (identity) => `${ours}:fence:${identity}`,
      bell: (queue) => `${ours}:bell:${queue}`,
      suspectBell: (queue) => `${ours}:suspect-bell:${queue}`,
      cohort: (name) => `${ours}:cohort:${name}`,
    },
    queue: remembered((name) => {
      const work = (identity: string) => `${working}${name}:${identity}`
      return {
        wait: `${ns}queue:${name}`,
        suspects: `${ours}:suspects:${name}`,
        scheduled: `${ns}schedule`,
        retry: `${ns}retry`,
        dead: `${ns}dead`,
        quarantine: `${ns}interrupted`,
        work,
        // Ruby finds what is left over where it looks for it.
        recovering: work,
        reservation: (id) => `${ours}:id:${id}`,
      }
    }),
    score: (epochMs) => String(Math.round(epochMs) / 1_000),
    epochMsOf: (score) => Math.round(score * 1_000),
    // A tomb is a string, and Ruby's cleanup pops from whatever lies at this key.
    fencedBy: 'fence',
    workPattern: `${working}*`,
    parseWork: (key) => {
      if (!key.startsWith(working)) return undefined
      const rest = key.slice(working.length)
      const [, queue, identity] = WITH_NONCE.exec(rest) ?? LEGACY.exec(rest) ?? []
      return queue === undefined || identity === undefined ? undefined : { queue, identity }
    },
    foreignHeartbeat: (identity) =>
      `${ns}reliable-fetcher-heartbeat-${identity.replaceAll(':', '-')}`,
    foreignProducers: true,
  }
}
