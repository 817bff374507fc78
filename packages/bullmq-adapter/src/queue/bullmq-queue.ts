/** A queue of BullMQ 5 or 6 on Redis: a `Queue`, a `Worker`, or anything else made for that queue. */
export interface BullmqQueue {
  /** The queue's name. */
  readonly name: string
  /** The name of one of the queue's keys. */
  readonly toKey: (type: string) => string
}

/** Several objects may stand for one queue: keeps the first of each. */
export function distinctQueues(queues: readonly BullmqQueue[]): readonly BullmqQueue[] {
  return [...new Map(queues.map((queue) => [queue.toKey(''), queue])).values()]
}
