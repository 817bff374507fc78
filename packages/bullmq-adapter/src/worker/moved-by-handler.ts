const NAMES = new Set(['DelayedError', 'WaitingError', 'WaitingChildrenError'])
const RATE_LIMITED = 'bullmq:rateLimitExceeded'

/**
 * Whether a processor threw one of the errors by which BullMQ is told that the processor has moved the
 * job itself: that is neither a failure nor an end which BullMQ would record.
 */
export function isMovedByHandler(error: unknown): boolean {
  return error instanceof Error && (NAMES.has(error.name) || error.message === RATE_LIMITED)
}

/** Tells BullMQ that the job was moved already: it records nothing. */
export class HandedBack extends Error {
  override readonly name = 'WaitingError'

  constructor() {
    super('The worker leaves: its job was handed back')
  }
}

/** Tells BullMQ to fail the job for good, whatever attempts it has left. */
export class PutAside extends Error {
  override readonly name = 'UnrecoverableError'
}
