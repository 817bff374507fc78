/** Two ways of doing the same, each resolving with its measured number. */
export interface Contest {
  readonly ours: () => Promise<number>
  readonly peer: () => Promise<number>
  /** Measured rounds. */
  readonly rounds: number
  /** Rounds before, thrown away. Defaults to 2. */
  readonly warmUps?: number
}

/** What each side measured, round by round. */
export interface Outcome {
  readonly ours: readonly number[]
  readonly peer: readonly number[]
}

/**
 * Runs both sides in turn, changing who begins, so that whatever else the machine does meanwhile
 * meets both alike.
 */
export async function paired(contest: Contest): Promise<Outcome> {
  const { rounds, warmUps = 2 } = contest
  const ours: number[] = []
  const peer: number[] = []
  const sides = [
    async () => void ours.push(await contest.ours()),
    async () => void peer.push(await contest.peer()),
  ]
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  return { ours: ours.slice(warmUps), peer: peer.slice(warmUps) }
}
