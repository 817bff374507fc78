import { checkQueueName } from '../layout/queue-name.ts'
import { knownQueues } from '../queue/known-queues.ts'
import { createStoppedJobs } from '../queue/stopped-jobs.ts'
import type { CommandContext } from './command.ts'
import { checked, Mistake } from './mistake.ts'
import { wholeOf } from './option-value.ts'
import { discardOrRelease } from './settle-stopped.ts'
import { listJobs, showJob } from './show-stopped.ts'
import { withFleet } from './with-fleet.ts'

/** Where jobs are that do not run by themselves. */
type StoppedState = 'quarantine' | 'dead'

const ACTIONS = ['list', 'show', 'release', 'discard'] as const

/** What an operator does with them. */
type StoppedAction = (typeof ACTIONS)[number]

/** `quarantine`: jobs that interrupted their workers too often. */
export function quarantineCommand(context: CommandContext): Promise<number> {
  return stoppedCommand('quarantine', context)
}

/** `dead`: jobs that failed too often. */
export function deadCommand(context: CommandContext): Promise<number> {
  return stoppedCommand('dead', context)
}

async function stoppedCommand(state: StoppedState, context: CommandContext): Promise<number> {
  const { operands, values } = context
  const [action, ...ids] = operands
  if (!isAction(action)) throw new Mistake(`\`${state}\` takes list, show, release or discard`)
  const { queue } = values
  if (queue !== undefined) checked('--queue', () => checkQueueName(queue))
  const limit = wholeOf('--limit', values.limit, 100)
  refuseNonsense(`${state} ${action}`, action, ids, context)
  return withFleet(context, { patient: false }, async (fleet) => {
    const queues = async () => (queue === undefined ? await knownQueues(fleet) : [queue])
    const jobs = createStoppedJobs(async () => fleet, state, queues)
    switch (action) {
      case 'list':
        return listJobs(jobs, limit, context)
      case 'show':
        return showJob(jobs, ids[0] ?? '', context)
      case 'release':
      case 'discard':
        return discardOrRelease(jobs, { action, ids }, context)
    }
  })
}

function refuseNonsense(
  what: string,
  action: StoppedAction,
  ids: readonly string[],
  { values }: CommandContext,
): void {
  const { all, yes, limit, queue } = values
  const settles = action === 'release' || action === 'discard'
  if (action === 'list' && ids.length > 0) throw new Mistake(`\`${what}\` takes no id`)
  if (action === 'show' && ids.length !== 1) throw new Mistake(`\`${what}\` takes one id`)
  if (limit !== undefined && action !== 'list') throw new Mistake('--limit belongs to `list`')
  if ((all || yes) && !settles) throw new Mistake('--all belongs to `release` and `discard`')
  if (!settles) return
  if (all ? ids.length > 0 : ids.length === 0) {
    throw new Mistake(`\`${what}\` takes ids, or --all with --queue`)
  }
  if (all && queue === undefined) throw new Mistake('--all needs --queue: one queue at a time')
  if (all && !yes) throw new Mistake(`--all needs --yes: it would ${action} every job of ${queue}`)
}

function isAction(text: string | undefined): text is StoppedAction {
  return (ACTIONS as readonly (string | undefined)[]).includes(text)
}
