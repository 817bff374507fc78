import type { Layout } from '../layout/layout.ts'
import type { Finding } from './finding.ts'
import type { ServerFacts } from './server-facts.ts'

/** By what a server is judged. */
export interface ServerUse {
  readonly layout: Pick<Layout, 'name' | 'clusterSafe'>
  /** This host's clock when the facts arrived. */
  readonly epochMs: number
  /** `permits`: nothing but permits is kept there, and losing one loses no job. Defaults to `jobs`. */
  readonly needs?: 'jobs' | 'permits'
}

const SKEW_MS = 1000
const GROSS_SKEW_MS = 60_000

/** Whether jobs are safe on a server; nothing is found where all is well. Pure. */
export function checkServer(facts: ServerFacts, use: ServerUse): Finding[] {
  const found = [checkVersion(facts), checkRole(facts)]
  if ((use.needs ?? 'jobs') === 'jobs') {
    found.push(checkEviction(facts), checkLayout(facts, use), checkClock(facts, use))
  }
  return found.filter((finding) => finding !== undefined)
}

function checkVersion({ version, software }: ServerFacts): Finding | undefined {
  if (version === undefined) return undefined
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 6 || (major === 6 && minor >= 2)) return undefined
  return {
    code: 'server_too_old',
    severity: 'error',
    message: `The server is ${software} ${version}, which cannot move jobs safely: upgrade it to Redis 6.2, Valkey 7.2 or newer.`,
  }
}

function checkRole({ role }: ServerFacts): Finding | undefined {
  if (role !== 'replica') return undefined
  return {
    code: 'replica',
    severity: 'error',
    message:
      'This server is a replica and takes no writes: connect to the primary, by Sentinel or Cluster where there is one.',
  }
}

/**
 * A policy other than `noeviction` is an error as soon as there is a limit: sooner or later the server
 * removes lists of jobs, or, by a `volatile-` policy, the fences of dead workers and reserved ids.
 * Without a limit it does nothing, until the day on which somebody sets one: a warning.
 */
function checkEviction({ evictionPolicy, maxmemoryBytes }: ServerFacts): Finding | undefined {
  if (evictionPolicy === undefined) {
    return {
      code: 'server_unknown',
      severity: 'warning',
      message:
        'The server does not tell whether it evicts jobs when its memory is full: let the ACL user run INFO (`+info`), or see to it that `maxmemory-policy` is `noeviction`.',
    }
  }
  if (evictionPolicy === 'noeviction') return undefined
  const victims = evictionPolicy.startsWith('volatile-')
    ? 'fences of dead workers and reserved ids, so that jobs run twice'
    : 'jobs'
  const isLimited = maxmemoryBytes !== 0
  const sentence = isLimited
    ? `When its memory is full the server removes ${victims} (\`${evictionPolicy}\`)`
    : `Once somebody sets \`maxmemory\` the server will remove ${victims} (\`${evictionPolicy}\`)`
  return {
    code: 'eviction',
    severity: isLimited ? 'error' : 'warning',
    message: `${sentence}: run \`CONFIG SET maxmemory-policy noeviction\` and write it to its configuration, or keep jobs on a server of their own.`,
  }
}

function checkLayout({ isCluster }: ServerFacts, { layout }: ServerUse): Finding | undefined {
  if (!isCluster || layout.clusterSafe) return undefined
  return {
    code: 'layout_in_cluster',
    severity: 'error',
    message: `The server is part of a Cluster, over which the keys of the \`${layout.name}\` layout are scattered: use the \`native\` layout, or a server that is no Cluster.`,
  }
}

/** Leases and permits go by the server's clock alone; delays and ages of jobs begin at this host's. */
function checkClock(facts: ServerFacts, { epochMs }: ServerUse): Finding | undefined {
  if (facts.epochMs === undefined) return undefined
  const skewMs = epochMs - facts.epochMs
  if (Math.abs(skewMs) <= SKEW_MS) return undefined
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1)
  const skew = `This host's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the server's`
  const harm =
    Math.abs(skewMs) > GROSS_SKEW_MS
      ? `delayed jobs that are enqueued here run that much too ${skewMs > 0 ? 'late' : 'early'}, and ages of jobs are wrong: mend it before anything else, by letting both follow NTP`
      : 'delays and ages of jobs are off by as much: let both follow NTP'
  return { code: 'clock_skew', severity: 'warning', message: `${skew}; ${harm}.` }
}
