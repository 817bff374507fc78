import type { CallOptions } from '../contracts/adapter.ts'
import type { Reading } from '../contracts/monitor.ts'
import type { Events } from '../events.ts'
import type { HeapProfile } from './heap-profile.ts'

/** What is left for a profile when a drain begins. */
export interface DrainRoom {
  readonly readings: readonly Reading[]
  /** Governs readings without a limit of their own. */
  readonly limitBytes: number
  readonly remainingMs: number
}

/** Writes the profile of a worker that leaves for its memory, if there is room for it, and tells of it. */
export async function profileDrain(
  profile: HeapProfile,
  { readings, limitBytes, remainingMs }: DrainRoom,
  events: Events,
  { signal }: CallOptions,
): Promise<void> {
  const rooms = readings.flatMap(({ usedBytes, limitBytes: own = limitBytes }) =>
    usedBytes === undefined ? [] : [own - usedBytes],
  )
  const headroomBytes = Math.min(Infinity, ...rooms)
  const report = await profile.write({ signal, headroomBytes, remainingMs })
  profile.stop()
  events.emit('profile:attempted', { report })
}
