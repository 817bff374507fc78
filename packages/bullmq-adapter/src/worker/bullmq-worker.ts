import type { BullmqQueue } from '../queue/bullmq-queue.ts'

/** What is used of a job of BullMQ. */
export interface BullmqJob {
  readonly id?: string | undefined
  readonly name: string
  /** Runs that ended with an error. */
  readonly attemptsMade: number
  /** Runs that began, this one included. */
  readonly attemptsStarted: number
  /** Stalls that BullMQ's own check found. */
  readonly stalledCounter: number
}

/** What is used of a `Worker` of BullMQ 5 or 6; every one of theirs fits. */
export interface BullmqWorker extends BullmqQueue {
  /** With this begins the value of each lock that the worker holds. */
  readonly id: string
  readonly concurrency: number
  isRunning(): boolean
  run(): Promise<void>
  pause(doNotWaitActive?: boolean): Promise<void>
  close(force?: boolean): Promise<void>
  waitUntilReady(): Promise<unknown>
  cancelJob(jobId: string, reason?: unknown): boolean
  on(event: 'completed' | 'failed', listener: (job: BullmqJob | undefined) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown
  on(event: 'stalled', listener: (jobId: string) => void): unknown
  on(event: 'closing', listener: () => void): unknown
}
