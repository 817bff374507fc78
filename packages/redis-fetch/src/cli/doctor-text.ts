import type { FindingCode } from '../driver/finding.ts'
import type { ServerFacts } from '../driver/server-facts.ts'
import type { Diagnosis } from './diagnosis.ts'
import { printable } from './printable.ts'

/** The diagnosis as people read it: what is well, then what is not, one sentence a line. */
export function doctorText({ servers, findings, layout }: Diagnosis): string {
  const found = new Set<FindingCode>(findings.map(({ code }) => code))
  const lines = [
    ...(found.has('server_too_old') || found.has('replica')
      ? []
      : new Set(servers.map(identityOf))),
    ...(found.has('eviction') || found.has('server_unknown')
      ? []
      : ['When its memory is full it refuses new jobs and keeps those that it has (noeviction).']),
    ...(found.has('clock_skew') || servers.some(({ epochMs }) => epochMs === undefined)
      ? []
      : ["Its clock and this host's agree to within a second."]),
    ...(found.has('layout_in_cluster') ? [] : [`It is fit for the ${layout} layout.`]),
    ...(found.has('permissions') || found.has('permissions_unknown')
      ? []
      : ['The ACL user may do what workers have to do.']),
  ]
  const marked = [
    ...lines.map((sentence) => ['ok', sentence]),
    ...findings.map(({ severity, message }) => [severity === 'error' ? 'error' : 'warn', message]),
  ]
  return marked
    .map(([mark = '', sentence = '']) => `${mark.padEnd(5)}  ${printable(sentence)}\n`)
    .join('')
}

function identityOf({ software, softwareVersion, version, role, isCluster }: ServerFacts): string {
  const own = softwareVersion ?? version ?? 'of an unknown version'
  const compatible = softwareVersion && version ? ` (compatible with Redis ${version})` : ''
  const place = isCluster ? ', in a Cluster' : ''
  return `The server is ${software} ${own}${compatible}${role ? `, a ${role}` : ''}${place}.`
}
