/** When a failed job runs again. */
export interface Retries {
  /** Failed runs after which the job is dead. Defaults to 25, about three days. */
  readonly maxAttempts?: number
  /** The wait after the first failure; it doubles with each one. Defaults to 1 s. */
  readonly baseMs?: number
  /** The longest wait. Defaults to 6 h. */
  readonly maxMs?: number
}

/** The share of a wait by which it may differ, up or down. */
const JITTER = 0.25

/**
 * How long a job waits after a failure: doubling, capped, and spread by up to a quarter, so that jobs
 * which failed together do not come back together. Pure: the job's id seeds the spread.
 *
 * @param failures how often it has failed, this time included
 */
export function backOffMs(
  id: string,
  failures: number,
  retries: Required<Omit<Retries, 'maxAttempts'>>,
): number {
  const wait = Math.min(retries.maxMs, retries.baseMs * 2 ** Math.max(0, failures - 1))
  return Math.round(wait * (1 - JITTER + 2 * JITTER * fraction(`${id}:${failures}`)))
}

/** A number in [0, 1) from a text (FNV-1a). */
function fraction(text: string): number {
  let hash = 0x81_1c_9d_c5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93)
  }
  return (hash >>> 0) / 2 ** 32
}
