import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { describe, expect, it } from 'vitest'
import { fixturePrograms } from './kit/programs.ts'
import { createStage } from './kit/stage.ts'

/** `SOAK_RECYCLES=10000 npm test -- soak` runs longer. */
const RECYCLES = Number(process.env['SOAK_RECYCLES'] ?? 2000)
const CONCURRENCY = 2
const BACKLOG = 200
const program = fixturePrograms('soak-worker')

describe(`a soak of ${RECYCLES} recycles, with SIGKILL in between`, () => {
  it('loses no job and completes none twice', { timeout: RECYCLES * 1000 }, async () => {
    const stage = createStage(CONCURRENCY, 1000)
    const names = Array<string>(BACKLOG).fill('quick')
    let refilling = Promise.resolve<unknown>(undefined)
    let recycles = 0
    let enough = () => {}
    const lived = new Promise<void>((resolve) => {
      enough = resolve
    })
    const supervisor = createForkSupervisor({
      script: program('soak-worker'),
      args: [stage.queueDir, stage.evidenceDir],
      execArgv: [],
      workers: 3,
      restart: { breaker: false, backoff: { baseMs: 0 } },
      onDeath: async ({ identity, cause, exitSignal }) => {
        await stage.bury(identity, exitSignal === 'SIGKILL', cause)
        if (cause !== 'recycle') return
        recycles += 1
        if (recycles % 20 === 0) refilling = refilling.then(() => stage.enqueue(names))
        if (recycles === RECYCLES) enough()
      },
    })
    try {
      await stage.enqueue(names)
      await supervisor.start()
      await lived
      await refilling
      await supervisor.stop()
      const audit = await stage.finish()
      expect(audit).toMatchObject({ completed: audit.enqueued, lost: 0, completedTwice: 0 })
      expect(audit.kills).toBeGreaterThan(RECYCLES / 10)
      expect(audit.recycles).toBeGreaterThanOrEqual(RECYCLES)
      expect(audit.rerun).toBeGreaterThan(0)
    } finally {
      await supervisor.stop()
      stage.remove()
    }
  })
})
