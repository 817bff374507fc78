import {
  createDeadline,
  createIdentity,
  type JobSourceContext,
  silentLogger,
  systemClock,
} from '@worker-recycler/core'

/** What a job source is started with when no recycler looks on. `settled` hears of each job's end. */
export function sourceContext(settled: () => void = () => {}): JobSourceContext {
  return {
    identity: createIdentity(),
    clock: systemClock,
    logger: silentLogger,
    deadline: createDeadline(systemClock),
    jobStarted: () => {},
    jobSettled: settled,
    failed: (error) => {
      throw error
    },
  }
}

/** Time without a limit, for starts and stops. */
export const unhurried: { readonly signal: AbortSignal } = { signal: new AbortController().signal }
