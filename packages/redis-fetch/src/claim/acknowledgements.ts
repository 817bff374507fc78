import type { Command } from '../driver/driver.ts'

/** What became of a held job's way out. `lost`: somebody else has taken it from our list. */
export type HeldOutcome = 'moved' | 'fenced' | 'lost'

/** The end of one job, to be told to the server with the next exchange. */
export interface Acknowledgement {
  readonly id: string
  readonly queue: string
  readonly bytes: Buffer
  readonly command: Command
  /** Frees the job's reserved id, too. */
  readonly more: readonly Command[]
  /** Its job has run, and leaves a place for another. */
  readonly frees: boolean
  /** It was sent before, and no answer came: it may have been done. */
  tried: boolean
  readonly done: (outcome: HeldOutcome) => void
  readonly failed: (error: unknown) => void
}

/** Acknowledgements that wait for the next exchange, and the ones that were done lately. */
export interface Acknowledgements {
  readonly size: number
  add(ack: Omit<Acknowledgement, 'tried' | 'done' | 'failed'>): Promise<HeldOutcome>
  /** Takes out what waits, at most so many. */
  take(most: number): Acknowledgement[]
  /** Puts them back, in front: they are to be sent again. */
  again(acks: readonly Acknowledgement[]): void
  settle(ack: Acknowledgement, outcome: HeldOutcome): void
  /** This very job ended here lately: if it lies in our list again, it is not to be run again. */
  endedLately(id: string, bytes: Buffer): boolean
  /** Gives up what waits. */
  abandon(error: unknown): void
}

/** How many ends are remembered: a failover can take back those of the last moments. */
const REMEMBERED = 1000

/** Makes an empty queue of acknowledgements; `added` is called for each that is to be sent. */
export function createAcknowledgements(added: () => void): Acknowledgements {
  let waiting: Acknowledgement[] = []
  const ended: { id: string; bytes: Buffer }[] = []
  let next = 0
  return {
    get size() {
      return waiting.length
    },
    add: ({ id, queue, bytes, command, more, frees }) =>
      new Promise((done, failed) => {
        waiting.push({ id, queue, bytes, command, more, frees, tried: false, done, failed })
        added()
      }),
    take: (most) => {
      const taken = waiting.slice(0, most)
      waiting = waiting.slice(most)
      return taken
    },
    again: (acks) => {
      for (const ack of acks) ack.tried = true
      waiting = [...acks, ...waiting]
    },
    settle: (ack, outcome) => {
      ended[next] = { id: ack.id, bytes: ack.bytes }
      next = (next + 1) % REMEMBERED
      ack.done(outcome)
    },
    endedLately: (id, bytes) => ended.some((job) => job.id === id && job.bytes.equals(bytes)),
    abandon: (error) => {
      const left = waiting
      waiting = []
      for (const ack of left) ack.failed(error)
    },
  }
}
