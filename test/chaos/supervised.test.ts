import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createForkSupervisor, type ForkSupervisorOptions } from '@worker-recycler/fork-supervisor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEvidence } from '../../examples/demo/src/evidence.ts'
import { fixturePrograms } from './kit/programs.ts'
import { createStage, type Stage } from './kit/stage.ts'

const CONCURRENCY = 3
const program = fixturePrograms('supervised-worker', 'parent')

let stage: Stage
beforeEach(() => {
  stage = createStage(CONCURRENCY)
})
afterEach(() => stage.remove())

const supervise = (options: Partial<ForkSupervisorOptions>) =>
  createForkSupervisor({
    script: program('supervised-worker'),
    args: [stage.queueDir, stage.evidenceDir],
    execArgv: [],
    restart: { backoff: { baseMs: 0 } },
    onDeath: ({ identity, cause, exitSignal }) =>
      stage.bury(identity, exitSignal === 'SIGKILL', cause),
    ...options,
  })

/** Resolves when `name` was told so often. */
function told(
  supervisor: ReturnType<typeof supervise>,
  name: 'worker:restarted' | 'slot:broken',
  times: number,
): Promise<void> {
  return new Promise((resolve) => {
    let count = 0
    supervisor.on(name, () => {
      count += 1
      if (count === times) resolve()
    })
  })
}

describe('a job that eats all memory and blocks the event loop', () => {
  it('is killed from outside, found out, re-run alone and quarantined; its neighbours complete', async () => {
    await stage.enqueue(['slow', 'hog', 'slow', ...Array<string>(20).fill('quick')])
    const causes: string[] = []
    const supervisor = supervise({
      limits: { hardBytes: 200_000_000 },
      watch: { calmMs: 50, closeMs: 20 },
    })
    supervisor.on('worker:died', ({ cause }) => causes.push(cause))
    const twice = told(supervisor, 'worker:restarted', 2)
    await supervisor.start()
    await twice
    const quarantined = await stage.queue.jobs('quarantine')
    await supervisor.stop()
    expect(causes.slice(0, 2)).toEqual(['memory', 'memory'])
    expect(quarantined.map(({ name }) => name)).toEqual(['hog'])
    const audit = await stage.finish()
    // The hog alone is missing, and it is not lost: it waits in quarantine.
    expect(audit).toMatchObject({
      enqueued: 23,
      completed: 22,
      lost: 1,
      completedTwice: 0,
      kills: 2,
    })
    const hogRuns = readEvidence(stage.evidenceDir).filter(({ marks }) =>
      marks.some(({ name }) => name === 'hog'),
    )
    expect(hogRuns).toHaveLength(2)
  })
})

describe('a supervisor killed with SIGKILL', () => {
  it('leaves no orphan running and no job lost', async () => {
    await stage.enqueue([...Array<string>(10).fill('slow'), ...Array<string>(50).fill('quick')])
    const parent = spawn(
      process.execPath,
      [program('parent'), program('supervised-worker'), stage.queueDir, stage.evidenceDir],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const workers: { pid: number; started: string | undefined; identity: string }[] = []
    for await (const line of createInterface(parent.stdout)) {
      const [, pid = '', identity = ''] = line.split(' ')
      workers.push({ pid: Number(pid), started: startOf(Number(pid)), identity })
      if (workers.length === 2) break
    }
    const died = once(parent, 'exit')
    parent.kill('SIGKILL')
    await died
    await Promise.all(workers.map(({ pid, started }) => gone(pid, started)))
    for (const { identity } of workers) await stage.bury(identity, false, 'stop')
    expect(await stage.finish()).toMatchObject({ completed: 60, lost: 0, completedTwice: 0 })
  })
})

describe('a stop budget that is too small', () => {
  it('is an error at start, and the supervisor gives up instead of looping', async () => {
    const output: string[] = []
    const supervisor = supervise({
      stopMs: 800,
      stdio: 'pipe',
      restart: { backoff: { baseMs: 0 }, breaker: { deaths: 2 } },
      onSpawn: (child) => child.stderr?.on('data', (data: Buffer) => output.push(data.toString())),
    })
    const broken = told(supervisor, 'slot:broken', 1)
    await supervisor.start()
    await broken
    await supervisor.stop()
    expect(output.join('')).toMatch(/BUDGET_TOO_SMALL/)
    expect(output.join('')).toMatch(/too small to drain and hand back jobs/)
  })
})

/** When a process was started, in the kernel's ticks; undefined when it is gone, or waits to be reaped. */
function startOf(pid: number): string | undefined {
  const path = `/proc/${pid}/stat`
  const [state, ...fields] = existsSync(path)
    ? (readFileSync(path, 'utf8').split(') ').at(-1) ?? '').split(' ')
    : []
  return state === 'Z' ? undefined : fields[18]
}

/** Resolves when the process is gone. */
async function gone(pid: number, started: string | undefined): Promise<void> {
  while (startOf(pid) === started) await new Promise((resolve) => setTimeout(resolve, 20))
}
