import { seededRandom } from './random.ts'

/** How many jobs each worker runs at once. */
export const DEMO_CONCURRENCY = 4
/** What each `report` leaks. */
export const LEAK_BYTES = 8_000_000
/** From here on a worker is asked to recycle itself. */
export const SOFT_BYTES = 140_000_000
/** From here on it is killed. */
export const HARD_BYTES = 260_000_000
/** Kills strike by chance here: a job that was there three times is not to blame. */
export const MAX_INTERRUPTIONS = 1000
/** From the decision to leave until SIGKILL. */
export const STOP_MS = 3000

/** One job of the demo. */
export interface DemoJob {
  readonly name: 'email' | 'thumbnail' | 'report' | 'export'
  readonly payload: { readonly number: number }
}

/** The jobs of a run: mostly small ones, a third of them leaking, some that take long. */
export function demoJobs(count: number, seed: number): DemoJob[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, number) => {
    const draw = random()
    const name =
      draw < 0.35 ? 'email' : draw < 0.62 ? 'thumbnail' : draw < 0.95 ? 'report' : 'export'
    return { name, payload: { number } }
  })
}

/** After how many completed jobs each kill comes: spread over the run, the same for the same seed. */
export function killMarks(jobs: number, kills: number, seed: number): number[] {
  const random = seededRandom(seed + 1)
  return Array.from({ length: kills }, (_, index) =>
    Math.floor((jobs * (index + 0.4 + 0.5 * random())) / (kills + 1)),
  )
}
