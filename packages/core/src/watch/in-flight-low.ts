/** How many jobs ran at one moment. */
export interface InFlightSample {
  readonly atMs: number
  readonly count: number
}

const WINDOW_MS = 60_000

/** Adds a sample, drops those older than a minute, and tells the smallest count that is left. */
export function inFlightLow(samples: InFlightSample[], sample: InFlightSample): number {
  samples.push(sample)
  const first = samples.findIndex(({ atMs }) => atMs > sample.atMs - WINDOW_MS)
  samples.splice(0, first)
  return samples.reduce((low, { count }) => Math.min(low, count), Infinity)
}
