/** In which order a worker looks into its queues. */
export type QueueOrder =
  /** A later queue is served while the earlier ones are empty. */
  | 'strict'
  /** Each gets its share by turns. */
  | 'round-robin'
  /** Each gets a share by its weight. */
  | Readonly<Record<string, number>>

/** A queue with how many jobs it may give before the others are asked. */
export interface Turn {
  readonly queue: string
  readonly limit: number
}

/** Decides, for one claim, who is asked first and for how many. */
export type NextTurns = (room: number) => readonly Turn[]

/** Makes the order of a worker's queues. `random` gives numbers in [0, 1). */
export function createOrder(
  queues: readonly string[],
  order: QueueOrder,
  random: () => number = Math.random,
): NextTurns {
  if (order === 'strict' || queues.length === 1) {
    return (room) => queues.map((queue) => ({ queue, limit: room }))
  }
  if (order === 'round-robin') {
    let first = 0
    return (room) => {
      const rotated = [...queues.slice(first), ...queues.slice(0, first)]
      first = (first + 1) % queues.length
      return shared(rotated, room, () => 1)
    }
  }
  const weight = (queue: string) => order[queue] ?? 1
  return (room) => shared(drawn(queues, weight, random), room, weight)
}

function shared(
  queues: readonly string[],
  room: number,
  weight: (queue: string) => number,
): Turn[] {
  const total = queues.reduce((sum, queue) => sum + weight(queue), 0)
  return queues.map((queue) => ({ queue, limit: Math.ceil((room * weight(queue)) / total) }))
}

/** All queues, the heavy ones more likely to come early (Efraimidis and Spirakis, 2006). */
function drawn(
  queues: readonly string[],
  weight: (queue: string) => number,
  random: () => number,
): string[] {
  const keyed = queues.map((queue) => ({ queue, key: random() ** (1 / weight(queue)) }))
  return keyed.toSorted((a, b) => b.key - a.key).map(({ queue }) => queue)
}
