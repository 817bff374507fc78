import type { JobSourceContext } from '../contracts/job-source.ts'
import { WORKING } from './phase.ts'
import { checkIdle, fail, leavingOf, reasonsOf, type Worker } from './worker.ts'

/** Makes what the job source tells its worker by. */
export function createSourceContext(worker: Worker): JobSourceContext {
  const { identity, options, deadline, account, held, events, machine, startAbort } = worker
  const { clock, logger } = options
  return {
    identity,
    clock,
    logger,
    deadline,
    jobStarted: (lease) => {
      held.started(lease)
      account.jobStarted(lease)
      const { phase } = machine.state
      if (phase !== 'aborting' && phase !== 'handingBack') return
      // A late fetch brought it: its handler need not even begin.
      worker.departure?.abortJobs([lease], leavingOf(worker), reasonsOf(worker))
      if (phase === 'handingBack') worker.departure?.handBackLate(lease)
    },
    jobSettled: (lease, outcome) => {
      held.settled(lease)
      account.jobSettled(lease, outcome)
      if (outcome === 'handedBack') events.emit('job:handed-back', { lease })
      const { phase } = machine.state
      if (phase === 'draining' || phase === 'aborting') checkIdle(worker)
    },
    failed: (error) => {
      const { phase } = machine.state
      if (WORKING.has(phase)) fail(worker, error)
      else if (phase === 'starting') startAbort.abort(error)
      else events.emit('adapter:failed', { adapter: options.source.name, call: 'failed', error })
    },
  }
}
