/** Several ways of doing the same, each resolving with what it measured. */
export interface Turns<T> {
  readonly sides: Readonly<Record<string, () => Promise<T>>>
  /** Measured rounds. */
  readonly rounds: number
  /** Rounds before, thrown away. Defaults to 1. */
  readonly warmUps?: number
}

/**
 * Runs all sides in turn, changing who begins, as `paired` does with two. Gives what each measured,
 * round by round.
 */
export async function inTurn<T>(turns: Turns<T>): Promise<ReadonlyMap<string, readonly T[]>> {
  const { rounds, warmUps = 1 } = turns
  const sides = Object.entries(turns.sides)
  const measured = new Map<string, T[]>(sides.map(([name]) => [name, []]))
  for (let round = 0; round < warmUps + rounds; round++) {
    const first = round % sides.length
    for (const [name, side] of [...sides.slice(first), ...sides.slice(0, first)]) {
      const result = await side()
      if (round >= warmUps) measured.get(name)?.push(result)
    }
  }
  return measured
}
