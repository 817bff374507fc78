import { readMarks } from './evidence.ts'
import type { WorkerView } from './fleet.ts'
import { seededRandom } from './random.ts'
import { killMarks } from './scene.ts'

/** Kills workers in the middle of their jobs, when so many jobs are done. */
export interface Killer {
  /** Kills one worker if it is time; resolves with its identity. */
  strike(completed: number, workers: readonly WorkerView[]): string | undefined
}

/** Makes a killer that leaves nobody time to clean up. */
export function createKiller(
  options: { jobs: number; kills: number; seed: number },
  evidenceDir: string,
): Killer {
  const marks = killMarks(options.jobs, options.kills, options.seed)
  const random = seededRandom(options.seed + 2)

  const inHand = ({ identity }: WorkerView) => {
    const running = new Set<string>()
    for (const { what, id } of readMarks(evidenceDir, identity)) {
      if (what === 'started') running.add(id)
      else running.delete(id)
    }
    return running.size
  }

  return {
    strike: (completed, workers) => {
      if (marks[0] === undefined || completed < marks[0]) return undefined
      const busy = workers.filter((worker) => worker.state !== 'gone' && inHand(worker) > 0)
      const victim = busy[Math.floor(random() * busy.length)]
      if (!victim || !killed(victim.pid)) return undefined
      marks.shift()
      return victim.identity
    },
  }
}

/** False for a process that has just ended by itself. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
