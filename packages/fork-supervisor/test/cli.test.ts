import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readArguments } from '../src/cli/arguments.ts'
import { parseDuration } from '../src/cli/duration.ts'
import { HELP } from '../src/cli/help.ts'
import { parseSize } from '../src/cli/size.ts'
import { bundled } from './support/bundle.ts'

const program = bundled()

/** Runs the command; lines of its standard output, and of its standard error, as they come. */
function run(...args: string[]) {
  const child = spawn(process.execPath, [program('cli'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const out: string[] = []
  const errors: string[] = []
  const watchers = new Set<() => void>()
  const collect = (lines: string[], stream: NodeJS.ReadableStream) =>
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const watcher of watchers) watcher()
    })
  collect(out, child.stdout)
  collect(errors, child.stderr)
  const exited = once(child, 'close').then(([code]) => code as number)
  const line = (lines: string[], pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const watcher = () => {
        const found = lines.find((text) => pattern.test(text))
        if (found === undefined) return
        watchers.delete(watcher)
        resolve(found)
      }
      watchers.add(watcher)
      watcher()
    })
  return { child, out, errors, exited, line }
}

describe('the command', () => {
  it('explains itself', async () => {
    const { out, exited } = run('--help')
    expect(await exited).toBe(0)
    expect(out.join('\n')).toBe(HELP.trimEnd())
  })

  it('names its version', async () => {
    const { out, exited } = run('--version')
    expect(await exited).toBe(0)
    expect(out[0]).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('refuses a mistake in one sentence with exit code 2', async () => {
    const { out, errors, exited } = run('--soft', 'lots', program('polite'))
    expect(await exited).toBe(2)
    expect(out).toEqual([])
    expect(errors).toEqual([
      'worker-recycler-fork: --soft takes a size such as 512M, 2G or 75%, not "lots"; see worker-recycler-fork --help',
    ])
  })

  it('prints one event a line with --json, and ends with 0 after a stop', async () => {
    const { child, out, errors, exited, line } = run(
      '--json',
      '--workers',
      '2',
      program('polite'),
      '--',
      'leave=1',
    )
    await line(out, /"worker:ready".*"slot":0/)
    await line(out, /"worker:ready".*"slot":1/)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    const events = out.map((text) => JSON.parse(text) as Record<string, unknown>)
    expect(
      events.every(
        ({ event, atEpochMs }) => typeof event === 'string' && typeof atEpochMs === 'number',
      ),
    ).toBe(true)
    expect(events.filter(({ event }) => event === 'worker:died')).toMatchObject([
      { cause: 'stop' },
      { cause: 'stop' },
    ])
    expect(events.at(-1)).toMatchObject({ event: 'supervisor:stopped' })
    expect(errors).toEqual([])
  })

  it('prints readable lines on standard error, and hurries, then kills, as it is asked again', async () => {
    const { child, out, errors, exited, line } = run('--no-guard', program('deaf'), '--', 'unheard')
    await line(errors, /Worker 0 \(\d+\) is ready after \d+ ms/)
    child.kill('SIGINT')
    await line(errors, /: Stopping$/)
    child.kill('SIGINT')
    await line(errors, /: Stopping, request 2$/)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    await line(errors, /is killed: .* third stop request/)
    expect(out).toEqual([])
  })

  it('ends with 1 when no worker can be kept running', async () => {
    const { errors, exited, line } = run(program('crash'), '--', 'early')
    await line(errors, /is started again in \d+ ms/)
    await line(errors, /No worker is left/)
    expect(await exited).toBe(1)
  })
})

describe('its arguments', () => {
  const script = process.execPath
  const read = (...argv: string[]) => readArguments(argv)

  it('become options', () => {
    const line = read(
      '-w',
      '4',
      '--soft',
      '400M',
      '--hard',
      '0.5G',
      '--stop',
      '1.5m',
      '--overlap',
      '--max-recycling',
      '2',
      '--node-arg=--expose-gc',
      '--no-guard',
      script,
      '--',
      '--queue',
      'mails',
    )
    expect(line).toEqual({
      kind: 'run',
      json: false,
      options: {
        script,
        args: ['--queue', 'mails'],
        workers: 4,
        execArgv: ['--expose-gc'],
        stdio: 'inherit',
        overlap: true,
        guard: false,
        limits: { softBytes: 400 * 1024 ** 2, hardBytes: 512 * 1024 ** 2 },
        stopMs: 90_000,
        maxRecycling: 2,
      },
    })
  })

  it.each([
    [[], 'No script was given'],
    [['/nowhere.js'], 'There is no script /nowhere.js'],
    [['--wrokers', '2', script], "Unknown option '--wrokers'"],
    [['--workers', '0', script], '--workers takes a whole number from 1 up, not "0"'],
    [['--workers', '1.5', script], '--workers takes a whole number from 1 up, not "1.5"'],
    [['--soft', '2G', '--hard', '1G', script], '--soft 2G must be below --hard 1G'],
    [['--soft', '101%', script], '--soft takes a size such as 512M, 2G or 75%, not "101%"'],
    [['--stop', '30', script], '--stop takes a time such as 500ms, 30s or 2m, not "30"'],
    [
      ['--stop', '3s', '--stop-ms', '4', script],
      '--stop and --stop-ms say the same: give one of them',
    ],
  ])('%j are refused: %s', (argv, message) => {
    expect(read(...argv)).toEqual({ kind: 'mistake', message })
  })

  it('take sizes and times strictly', () => {
    const sizes = ['1', '1K', '2m', '1.5G', '75%', '0', '-1M', '1MB', '1 G', '', '1e3', 'NaN', '0%']
    expect(sizes.map((text) => parseSize(text, 1000))).toEqual([
      1,
      1024,
      2 * 1024 ** 2,
      1.5 * 1024 ** 3,
      750,
      ...Array.from({ length: 8 }, () => undefined),
    ])
    expect(['1ms', '2s', '1.5m', '1h', '5', '1 s', '-1s', 's'].map(parseDuration)).toEqual([
      1,
      2000,
      90_000,
      3_600_000,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
