import type { Findings } from '../harness/benchmark.ts'
import { quantile, rounded } from '../harness/figure.ts'
import { spread } from '../harness/spread.ts'

/** The ways to hear of a stall. */
export type Way = 'close' | 'calm' | 'armed' | 'kernel'

/** One stall; all times are on the monotonic clock. */
export interface StallRound {
  /** When the total began to grow. */
  readonly startedAtMs: number
  /** When it had grown by the threshold: nobody could know of the stall before. */
  readonly reachedAtMs: number
  /** When each way told of it; undefined where it did not. */
  readonly heardAtMs: Readonly<Record<Way, number | undefined>>
}

const NAMES: Readonly<Record<Way, string>> = {
  close: 'every 50 ms',
  calm: 'from calm, every 1 s',
  armed: "`trigger: 'on'`",
  kernel: 'kernel trigger without privileges',
}

/** What the rounds say. */
export function stallFindings(rounds: readonly StallRound[], heardBy: string): Findings {
  const times = (way: Way, from: (round: StallRound) => number) =>
    rounds.flatMap((round) => {
      const atMs = round.heardAtMs[way]
      return atMs === undefined ? [] : [atMs - from(round)]
    })
  const started = ({ startedAtMs }: StallRound) => startedAtMs
  const reached = ({ reachedAtMs }: StallRound) => reachedAtMs
  const row = (way: Way, target?: string) =>
    spread(
      { name: `stall to reading, ${NAMES[way]}`, unit: 'ms' },
      target === undefined ? {} : { p95: target },
      times(way, started),
      { name: `${NAMES.kernel}, ${heardBy}`, values: times('kernel', started) },
    )
  const cells = (values: readonly number[]) =>
    [0.5, 0.95, 1].map((share) => rounded(quantile(values, share)))
  const ways: readonly Way[] = ['close', 'calm', 'armed', 'kernel']
  return {
    figures: [...row('close', '<= 300'), ...row('calm', '<= 1100'), ...row('armed')],
    tables: [
      {
        title: `${rounds.length} stalls of a process that thrashes; ms from the first growth of the total, and from the moment at which it had grown by 200 ms`,
        head: ['told by', 'told', 'from start p50', 'p95', 'max', 'from 200 ms p50', 'p95', 'max'],
        rows: [
          [
            'the total itself',
            rounds.length,
            ...cells(rounds.map((round) => reached(round) - started(round))),
            0,
            0,
            0,
          ],
          ...ways.map((way) => [
            NAMES[way],
            times(way, started).length,
            ...cells(times(way, started)),
            ...cells(times(way, reached)),
          ]),
        ],
      },
    ],
    notes: ['PM2 reads RSS every 30 s: it sees no stall, whatever the interval (not measured).'],
  }
}
