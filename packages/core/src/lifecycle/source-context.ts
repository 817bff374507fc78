import type { JobSourceContext } from '../contracts/job-source.ts'
import { WORKING } from './phase.ts'
import { checkIdle, fail, leavingOf, reasonsOf, type Worker } from './worker.ts'

/** Makes what the job source tells its worker by. */
export function createSourceContext(worker: Worker): JobSourceContext {
  const { identity, options, deadline, account, held, machine } = worker
  const { clock, logger } = options
  return {
    identity,
    clock,
    logger,
    deadline,
    jobStarted: (lease) => {
      held.started(lease)
      account.jobStarted(lease)
      if (machine.state.phase === 'aborting') {
        worker.departure?.abortJobs(leavingOf(worker), reasonsOf(worker))
      }
    },
    jobSettled: (lease, outcome) => {
      held.settled(lease)
      account.jobSettled(lease, outcome)
      const { phase } = machine.state
      if (phase === 'draining' || phase === 'aborting') checkIdle(worker)
    },
    failed: (error) => {
      if (WORKING.has(machine.state.phase)) fail(worker, error)
    },
  }
}
