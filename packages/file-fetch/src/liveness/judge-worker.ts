import type { ProcessTable } from './process-probe.ts'
import type { WorkerRecord } from './worker-record.ts'

/** What one process knows about another. Only `dead` is proof. */
export type Liveness = 'alive' | 'dead' | 'unknown'

/**
 * Judges a worker by facts of this host alone; no timeout is involved. `unknown` is left to
 * heartbeats, or to the supervisor's death notice.
 */
export function judgeWorker(
  subject: WorkerRecord,
  judge: Pick<WorkerRecord, 'host' | 'bootId' | 'pidNamespace'>,
  processes: Pick<ProcessTable, 'probe'>,
): Liveness {
  if (subject.host !== judge.host) return 'unknown'
  if (subject.bootId !== judge.bootId) {
    // The host has booted since. Who beats shares a volume, where two hosts may have one name.
    const bothKnown = subject.bootId !== undefined && judge.bootId !== undefined
    return bothKnown && subject.heartbeatMs === 0 ? 'dead' : 'unknown'
  }
  // Another pid namespace (a container): its pids mean nothing here.
  if (subject.pidNamespace !== judge.pidNamespace) return 'unknown'
  const probe = processes.probe(subject.pid)
  if (probe.kind === 'gone') return 'dead'
  if (subject.startTicks === undefined || probe.startTicks === undefined) return 'alive'
  return probe.startTicks === subject.startTicks ? 'alive' : 'dead'
}
