/**
 * When a slot is given up. Only deaths before `ready` count, and a `ready` forgives them all: a
 * program that cannot start must not be started for ever, while a job that kills its worker again and
 * again is the queue's to quarantine, and must not cost the slot.
 */
export interface RestartBreaker {
  /** So many deaths before `ready`. Defaults to 5. */
  readonly deaths: number
  /** Within this time. Defaults to 5 min, so that slow programs trip it too. */
  readonly windowMs: number
}

/** Whether the deaths at these times, oldest first, open the breaker: pure. */
export function isBroken(
  startFailuresMs: readonly number[],
  breaker: RestartBreaker | false,
): boolean {
  if (!breaker || startFailuresMs.length < breaker.deaths) return false
  const first = startFailuresMs.at(-breaker.deaths) ?? 0
  const last = startFailuresMs.at(-1) ?? 0
  return last - first <= breaker.windowMs
}
