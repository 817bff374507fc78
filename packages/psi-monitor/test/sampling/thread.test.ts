import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type Reading, systemClock } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundledPrograms } from '../../../../test/bundle.ts'
import type { PsiMonitorOptions } from '../../src/options.ts'
import { type PsiMonitor, psiMonitor as fromSources } from '../../src/psi-monitor.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const shipped = bundledPrograms({
  index: at('src/index.ts'),
  'sampler-thread': at('src/thread/sampler-thread.ts'),
  'watch-and-leave': at('test/fixtures/watch-and-leave.ts'),
})
/** As an application's own bundle leaves it behind. */
const withoutThread = bundledPrograms({ index: at('src/index.ts') })
const broken = bundledPrograms({ index: at('src/index.ts') })

type Make = (options: PsiMonitorOptions) => PsiMonitor
const madeBy = async (path: string): Promise<Make> => {
  const { psiMonitor } = (await import(pathToFileURL(path).href)) as { psiMonitor: Make }
  return psiMonitor
}

interface Warning {
  readonly error: Error
  readonly message: string
}

function quietly(): { readonly options: PsiMonitorOptions; readonly warnings: Warning[] } {
  const warnings: Warning[] = []
  const ignore = () => {}
  const logger = {
    error: ignore,
    info: ignore,
    debug: ignore,
    warn: (fields: object, message: string) =>
      void warnings.push({ ...(fields as { error: Error }), message }),
  }
  return { options: { thread: true, heap: false, process: false, calmMs: 50, logger }, warnings }
}

/** Runs a program with Node.js, and never longer than the test; gives what it prints. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, signal: over.signal })
  return stdout
}

/** Reads until it has seen enough, then leaves. */
async function read(monitor: PsiMonitor, enough: (readings: readonly Reading[]) => boolean) {
  const readings: Reading[] = []
  const { signal } = new AbortController()
  for await (const reading of monitor.watch({ clock: systemClock, signal })) {
    readings.push(reading)
    if (enough(readings)) return readings
  }
  throw new Error('The watch ended by itself')
}

describe('in a thread', () => {
  it('samples go on while the main thread is blocked; how late they came is told', async () => {
    const psiMonitor = await madeBy(shipped('index'))
    const { options, warnings } = quietly()
    let fromMs = Infinity
    let untilMs = Infinity
    const readings = await read(psiMonitor(options), (soFar) => {
      if (soFar.length === 1) {
        fromMs = systemClock.nowMs()
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
        untilMs = systemClock.nowMs()
      }
      return (soFar.at(-1)?.atMs ?? 0) > untilMs
    })
    const during = readings.filter(({ atMs }) => atMs > fromMs && atMs < untilMs)
    expect(during.length).toBeGreaterThan(2)
    for (const { atMs, lagMs = 0 } of during) {
      expect(lagMs).toBeGreaterThanOrEqual(untilMs - atMs)
    }
    const timesMs = readings.map(({ atMs }) => atMs)
    expect(timesMs).toEqual(timesMs.toSorted((a, b) => a - b))
    expect(warnings).toEqual([])
  })

  it('the sources are those of the thread, and whoever reads them is told so', async () => {
    const psiMonitor = await madeBy(shipped('index'))
    const monitor = psiMonitor(quietly().options)
    expect(monitor.supports.outOfLoop).toBe(true)
    const surveyed = monitor.sources()
    await read(monitor, (soFar) => soFar.length === 1)
    expect(monitor.sources()).toEqual(surveyed)
  })

  it('samples are taken from the TypeScript sources, too', async () => {
    const { options, warnings } = quietly()
    const readings = await read(fromSources(options), (soFar) => soFar.length === 2)
    expect(readings).toHaveLength(2)
    expect(warnings).toEqual([])
  })

  it('a target that is not there fails as in the event loop, without a warning', async () => {
    const psiMonitor = await madeBy(shipped('index'))
    const { options, warnings } = quietly()
    const target = { pid: 2 ** 30 }
    const { signal } = new AbortController()
    const watch = (thread: boolean) => {
      const monitor = psiMonitor({ ...options, target, thread })
      return monitor.watch({ clock: systemClock, signal })[Symbol.asyncIterator]().next()
    }
    const [inLoop, inThread] = await Promise.allSettled([watch(false), watch(true)])
    expect(inLoop).toMatchObject({ status: 'rejected', reason: expect.any(Error) })
    expect(String(inThread.status === 'rejected' && inThread.reason.message)).toBe(
      String(inLoop.status === 'rejected' && inLoop.reason.message),
    )
    expect(warnings).toEqual([])
  })
})

it.each(['on the command line', 'by NODE_OPTIONS'])(
  'what the process preloads %s is not loaded into the thread',
  async (how) => {
    const preload = join(dirname(shipped('index')), 'preload.cjs')
    writeFileSync(preload, "require('node:fs').writeSync(1, 'preloaded\\n')")
    const byOptions = how === 'by NODE_OPTIONS'
    const printed = await run(
      [...(byOptions ? [] : ['--require', preload]), shipped('watch-and-leave'), 'break'],
      byOptions ? { NODE_OPTIONS: `--require ${preload}` } : {},
    )
    expect(printed).toBe('preloaded\nleft after 2 readings\n')
  },
)

describe('without its thread', () => {
  const MESSAGE = 'The sampling thread ended; the event loop samples from now on'

  it('whose file is missing, the event loop samples, and the log says so', async () => {
    const psiMonitor = await madeBy(withoutThread('index'))
    const { options, warnings } = quietly()
    const monitor = psiMonitor(options)
    const readings = await read(monitor, (soFar) => soFar.length === 3)
    expect(readings).toHaveLength(3)
    expect(warnings).toMatchObject([{ message: MESSAGE }])
    expect(warnings[0]?.error.message).toMatch(/Cannot find module .*sampler-thread\.mjs/)
    expect(monitor.sources().some(({ state }) => state === 'live')).toBe(true)
  })

  it.each([
    ['throws', "throw new Error('broken')", 'broken'],
    ['exits', 'process.exit(3)', 'The sampling thread ended with code 3'],
    [
      'exits in the midst of it',
      `import { parentPort } from 'node:worker_threads'
       const reading = { monitor: 'psi', metric: 'of.thread', atMs: 0, usedBytes: 1 }
       parentPort.postMessage({ type: 'told', reading })
       setImmediate(() => process.exit(0))`,
      'The sampling thread ended with code 0',
    ],
  ])('which %s, the event loop samples', async (_how, program, error) => {
    const path = broken('index')
    const psiMonitor = await madeBy(path)
    writeFileSync(join(dirname(path), 'sampler-thread.mjs'), program)
    const { options, warnings } = quietly()
    const inLoop = ({ metric }: Reading) => metric !== 'of.thread'
    await read(psiMonitor(options), (soFar) => soFar.filter(inLoop).length === 2)
    expect(warnings).toMatchObject([{ message: MESSAGE, error: { message: error } }])
  })

  it('and without a target, the watch fails', async () => {
    const psiMonitor = await madeBy(withoutThread('index'))
    const { options, warnings } = quietly()
    const monitor = psiMonitor({ ...options, target: { pid: 2 ** 30 } })
    await expect(read(monitor, () => true)).rejects.toThrow('There is no process 1073741824')
    expect(warnings).toMatchObject([{ message: MESSAGE }])
  })
})

describe('the process ends by itself when the watch', () => {
  it.each(['abort', 'break'])('is left by %s', async (way) => {
    expect(await run([shipped('watch-and-leave'), way])).toBe('left after 2 readings\n')
  })

  it('fails', async () => {
    expect(await run([shipped('watch-and-leave'), 'abort', String(2 ** 30)])).toMatch(
      /^failed: Error: /,
    )
  })
})
