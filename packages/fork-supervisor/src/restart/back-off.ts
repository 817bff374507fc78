/** How long a slot waits before it starts a worker again after an abnormal death. */
export interface BackOff {
  /** After the first death. Defaults to 500 ms. */
  readonly baseMs: number
  /** By which each further death in a row multiplies it. Defaults to 2. */
  readonly factor: number
  /** Never longer than this. Defaults to 30 s. */
  readonly maxMs: number
  /** The share (0 to 1) of the delay that is left to chance, so that slots do not restart in step. Defaults to 0.5. */
  readonly jitter: number
  /** A worker that was ready for this long ends the row. Defaults to 30 s. */
  readonly resetMs: number
}

/** The delay after the `inRow`th abnormal death in a row, from 1: pure; `random` is in [0, 1). */
export function backOffMs(inRow: number, backOff: BackOff, random: number): number {
  const full = Math.min(backOff.maxMs, backOff.baseMs * backOff.factor ** (inRow - 1))
  return full * (1 - backOff.jitter * random)
}
