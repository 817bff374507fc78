import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileQueue } from '@worker-recycler/file-fetch'
import { describe, expect, it } from 'vitest'
import { bundleFixture } from './bundle-fixture.ts'
import { startChild } from './child-worker.ts'
import { scratchDirectory } from './scratch-directory.ts'

const worker = await bundleFixture('worker')
const producer = await bundleFixture('producer')

/** Why system calls cannot be seen here; undefined when they can. */
function reasonNotToTrace(): string | undefined {
  const { status, stderr, error } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  })
  return status === 0 ? undefined : `strace: ${error?.message ?? stderr.trim()}`
}
const reason = reasonNotToTrace()

/** `-y` writes the path behind each file descriptor. */
const strace = (traced: string, output: string) => [
  'strace',
  '-f',
  '-y',
  '-qq',
  '-s',
  '0',
  '-e',
  `trace=${traced}`,
  '-o',
  output,
]

/** The calls that ended well, in order, as `name folder`; `dir` is left out of the paths. */
function calls(output: string, dir: string): string[] {
  return readFileSync(output, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const call = /(fsync|rename|renameat2?|link|linkat)\((.*)/.exec(line)
      if (!call || !line.includes(dir)) return []
      const paths = [...line.matchAll(/[<"]([^<>"]*)[>"]/g)].map(([, path = '']) => path)
      const inside = paths
        .filter((path) => path.startsWith(dir))
        .map((path) => path.slice(dir.length + 1))
      return [
        `${call[1]} ${inside.map((path) => path.split('/').slice(0, 3).join('/')).join(' -> ')}`,
      ]
    })
}

describe.skipIf(reason)(`fsync${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const trace = (fsync: string) => {
    const dir = scratchDirectory()
    const output = join(scratchDirectory(), 'trace')
    const [, ...args] = [
      ...strace('fsync,rename,renameat,renameat2', output),
      process.execPath,
      producer,
      dir,
      fsync,
    ]
    const { status, stderr } = spawnSync('strace', args, { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    return calls(output, dir)
  }

  it.each(['enqueue', 'always'])(
    '%s: the file before the rename, the directory after it',
    (policy) => {
      const [first = '', second = '', third, ...rest] = trace(policy)
      expect(first).toMatch(/^fsync tmp\/.*\.json$/)
      expect(second).toMatch(/^rename tmp\/.*\.json -> queues\/default\/ready$/)
      expect(third).toBe('fsync queues/default/ready')
      expect(rest).toEqual([])
    },
  )

  it('none: never', () => {
    expect(trace('none')).toEqual([expect.stringMatching(/^rename tmp/)])
  })

  it.each([
    ['enqueue', false],
    ['always', true],
  ] as const)('%s: a worker syncs what it acknowledges: %s', async (fsync, syncs) => {
    const dir = scratchDirectory()
    const output = join(scratchDirectory(), 'trace')
    const { id } = await fileQueue({ dir }).enqueue('paint', { ms: 0 })
    const child = await startChild(
      worker,
      { options: { dir, fsync } },
      strace('fsync,rename,renameat,renameat2', output),
    )
    await child.until((event) => event.event === 'settled' && event.id === id)
    child.tell({ do: 'stop' })
    await child.exited
    const seen = calls(output, dir)
    const acknowledged = seen.findIndex((call) => /^rename working.* -> completed/.test(call))
    expect(acknowledged).toBeGreaterThan(0)
    expect(seen.slice(acknowledged).includes('fsync completed')).toBe(syncs)
  })
})

describe.skipIf(reason)(`an idle worker${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('reads no directory until its next search or safety poll', async () => {
    const dir = scratchDirectory()
    const marks = scratchDirectory()
    const output = join(marks, 'trace')
    await fileQueue({ dir }).enqueue('paint', 'warm-up', { delayMs: 3_600_000 })
    const child = await startChild(
      worker,
      { options: { dir, sweepMs: 60_000, safetyPollMs: 60_000 }, fake: true },
      strace('getdents64,openat', output),
    )
    const advance = async (ms: number, mark: string) => {
      const marked = child.events.filter(({ event }) => event === 'marked').length
      child.tell({ do: 'advance', ms, mark: join(marks, mark) })
      while (child.events.filter(({ event }) => event === 'marked').length === marked) {
        await new Promise((resolve) => child.child.once('message', resolve))
      }
    }
    await advance(5000, 'A')
    for (let part = 0; part < 4; part += 1) await advance(10_000, 'idle')
    await advance(0, 'B')
    // The control: past its polls it does read, and the trace shows it.
    await advance(30_000, 'C')
    await advance(5000, 'D')
    child.tell({ do: 'stop' })
    await child.exited
    const lines = readFileSync(output, 'utf8').split('\n')
    const at = (mark: string) => lines.findIndex((line) => line.includes(`${marks}/${mark}"`))
    const reads = (from: string, to: string) =>
      lines
        .slice(at(from), at(to))
        .filter((line) => /getdents64\(.*\)/.test(line) && line.includes(dir))
    expect(at('A')).toBeGreaterThan(0)
    expect(at('B')).toBeGreaterThan(at('A'))
    expect(reads('A', 'B')).toEqual([])
    expect(reads('B', 'D').length).toBeGreaterThan(0)
  })
})
