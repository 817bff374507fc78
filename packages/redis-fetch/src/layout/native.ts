import { type Layout, remembered } from './layout.ts'
import { nativeCodec } from './native-codec.ts'
import { checkPrefix } from './queue-name.ts'

/**
 * Ours: hash-tagged, so that whatever one script touches lies in one slot of a Cluster. The slash is in
 * no prefix and in no queue's name: the keys of `wr` and of `wr:staging` never meet.
 */
export function nativeLayout(prefix = 'wr'): Layout {
  if (checkPrefix(prefix) === '') throw new TypeError('Expected `prefix` not to be empty')
  const fleet = `{${prefix}}`
  const work = new RegExp(String.raw`^\{${escape(prefix)}/([^/}]+)\}:work:([^:]+:\d+:[0-9a-f]+)$`)
  return {
    name: 'native',
    clusterSafe: true,
    codec: nativeCodec,
    fleet: {
      workers: `${fleet}:workers`,
      names: `${fleet}:names`,
      keeper: `${fleet}:keeper`,
      due: `${fleet}:due`,
      queues: `${fleet}:queues`,
      keeperBell: `${fleet}:bell`,
      worker: (identity) => `${fleet}:worker:${identity}`,
      fence: (identity) => `${fleet}:fence:${identity}`,
      bell: (queue) => `${fleet}:bell:${queue}`,
      suspectBell: (queue) => `${fleet}:suspect-bell:${queue}`,
      cohort: (name) => `${fleet}:cohort:${name}`,
    },
    queue: remembered((name) => {
      const tag = `{${prefix}/${name}}`
      return {
        wait: `${tag}:wait`,
        suspects: `${tag}:suspects`,
        scheduled: `${tag}:delayed`,
        retry: `${tag}:delayed`,
        dead: `${tag}:dead`,
        quarantine: `${tag}:quarantine`,
        work: (identity) => `${tag}:work:${identity}`,
        recovering: (identity) => `${tag}:recovering:${identity}`,
        reservation: (id) => `${tag}:id:${id}`,
      }
    }),
    score: (epochMs) => String(Math.round(epochMs)),
    epochMsOf: (score) => score,
    fencedBy: 'tomb',
    workPattern: `{${prefix}/*}:work:*`,
    parseWork: (key) => {
      const match = work.exec(key)
      return match ? { queue: match[1] ?? '', identity: match[2] ?? '' } : undefined
    },
    foreignProducers: false,
  }
}

function escape(text: string): string {
  return text.replaceAll('.', String.raw`\.`)
}
