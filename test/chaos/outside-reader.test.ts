import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { memoryReader } from '@worker-recycler/psi-monitor'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fixturePrograms } from './kit/programs.ts'
import { createStage, type Stage } from './kit/stage.ts'

const program = fixturePrograms('supervised-worker')

let stage: Stage
beforeEach(() => {
  stage = createStage(1)
})
afterEach(() => stage.remove())

it('psi-monitor reads a blocked worker from outside for the fork supervisor, which kills it at its limit', async () => {
  await stage.enqueue(['hog'])
  const read = memoryReader()
  const metrics = new Set<string>()
  const usedBytes: number[] = []
  const supervisor = createForkSupervisor({
    script: program('supervised-worker'),
    args: [stage.queueDir, stage.evidenceDir],
    execArgv: [],
    limits: { hardBytes: 200_000_000 },
    watch: { calmMs: 50, closeMs: 20 },
    readMemory: async (pid, call) => {
      const reading = await read(pid, call)
      if (reading) metrics.add(reading.metric)
      if (reading) usedBytes.push(reading.usedBytes)
      return reading
    },
    onDeath: ({ identity, cause, exitSignal }) =>
      stage.bury(identity, exitSignal === 'SIGKILL', cause),
  })
  const died = new Promise<string>((resolve) => {
    supervisor.once('worker:died', ({ cause }) => resolve(cause))
  })
  await supervisor.start()
  expect(await died).toBe('memory')
  await supervisor.stop()
  // The worker shares its parent's cgroup here, so that it is read by itself.
  expect([...metrics]).toEqual(['process.unreclaimable'])
  expect(Math.max(...usedBytes)).toBeGreaterThanOrEqual(200_000_000)
})
