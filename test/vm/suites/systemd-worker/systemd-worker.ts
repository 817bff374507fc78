import type { GuestSuite } from '../../suite.ts'
import { headRoomCheck } from './head-room.ts'
import { killsCheck } from './kills.ts'
import { descriptorCheck, refusalCheck } from './notices.ts'
import { recycleCheck } from './recycles.ts'
import { stopTimeCheck } from './stop-time.ts'
import { storyCheck } from './story.ts'
import { usedRoomCheck } from './used-room.ts'
import { watchdogCheck } from './watchdog.ts'

/** A worker's line to a real systemd, and the records of its deaths. */
export const systemdWorkerSuite: GuestSuite = {
  name: 'systemd-worker',
  debianPackages: ['polkitd'],
  checks: [
    recycleCheck,
    stopTimeCheck,
    descriptorCheck,
    refusalCheck,
    watchdogCheck,
    storyCheck,
    headRoomCheck,
    usedRoomCheck,
    killsCheck,
  ],
}
