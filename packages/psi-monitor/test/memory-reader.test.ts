import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryReader, type MemoryReaderOptions } from '../src/memory-reader.ts'
import { fakeRoot } from './kit/fake-root.ts'
import { mountV1Memory, mountV2, serviceTree, statText } from './kit/trees.ts'

const reason = existsSync('/proc/self/status') ? '' : 'procfs is not there'
const skipped = reason ? ` (skipped: ${reason})` : ''

const TOP = '/sys/fs/cgroup'
const statusOf = (anonKib: number, state = 'S (sleeping)') =>
  `Name:\tnode\nState:\t${state}\nVmRSS:\t ${anonKib + 50} kB\nRssAnon:\t ${anonKib} kB\n`
/** A supervisor in a service, one child beside it there, and one with a cgroup of its own. */
const tree = {
  ...serviceTree(),
  '/proc/41/cgroup': '0::/system.slice/worker.service\n',
  '/proc/41/status': statusOf(100),
  '/proc/42/cgroup': '0::/jobs/42\n',
  '/proc/42/status': statusOf(200),
  [`${TOP}/jobs/42/memory.current`]: '900\n',
  [`${TOP}/jobs/42/memory.stat`]: statText({ anon: 500, inactive_file: 200 }),
}
const read = (
  pid: number,
  options: MemoryReaderOptions = {},
  files: Readonly<Record<string, string>> = tree,
) => memoryReader({ root: fakeRoot(files).root, ...options })(pid)

describe('a process', () => {
  it('with a cgroup of its own is read by that', async () => {
    expect(await read(42)).toEqual({ usedBytes: 700, metric: 'cgroup.unreclaimable' })
  })

  it('that shares the cgroup of the reader is read alone', async () => {
    expect(await read(41)).toEqual({ usedBytes: 100 * 1024, metric: 'process.unreclaimable' })
  })

  it('is read as it is asked for', async () => {
    expect(await read(41, { of: 'cgroup' })).toEqual({
      usedBytes: 400,
      metric: 'cgroup.unreclaimable',
    })
    expect(await read(42, { of: 'process' })).toEqual({
      usedBytes: 200 * 1024,
      metric: 'process.unreclaimable',
    })
  })

  it('is read by the working set that is asked for', async () => {
    expect(await read(42, { workingSet: 'rss' })).toEqual({ usedBytes: 500, metric: 'cgroup.rss' })
    expect(await read(41, { workingSet: 'rss' })).toEqual({
      usedBytes: 150 * 1024,
      metric: 'process.rss',
    })
  })

  it('is read alone where cgroups keep no account', async () => {
    const { [`${TOP}/jobs/42/memory.current`]: _gone, ...files } = tree
    expect((await read(42, { of: 'cgroup' }, files))?.metric).toBe('process.unreclaimable')
  })

  it('is found anew at each call, as it may be moved', async () => {
    const { root, set } = fakeRoot(tree)
    const reader = memoryReader({ root })
    expect((await reader(42))?.metric).toBe('cgroup.unreclaimable')
    set('/proc/42/cgroup', '0::/system.slice/worker.service\n')
    expect((await reader(42))?.metric).toBe('process.unreclaimable')
  })

  it('on a hybrid host shares what v1 accounts for, wherever it is in cgroup v2', async () => {
    const shared = '/sys/fs/cgroup/memory/system.slice'
    const hybrid = {
      ...tree,
      '/proc/self/mountinfo': mountV1Memory() + mountV2('/sys/fs/cgroup/unified'),
      '/proc/self/cgroup': '4:memory:/system.slice\n0::/a\n',
      '/proc/42/cgroup': '4:memory:/system.slice\n0::/b\n',
      '/proc/41/cgroup': '4:memory:/jobs\n0::/a\n',
      '/sys/fs/cgroup/unified/a/cgroup.procs': '',
      '/sys/fs/cgroup/unified/b/cgroup.procs': '',
      [`${shared}/memory.usage_in_bytes`]: '8000\n',
      [`${shared}/memory.stat`]: '',
      '/sys/fs/cgroup/memory/jobs/memory.usage_in_bytes': '600\n',
      '/sys/fs/cgroup/memory/jobs/memory.stat': 'total_inactive_file 100\n',
    }
    expect((await read(42, {}, hybrid))?.metric).toBe('process.unreclaimable')
    expect(await read(41, {}, hybrid)).toEqual({ usedBytes: 500, metric: 'cgroup.unreclaimable' })
  })
})

describe('a process that has ended', () => {
  it('has no memory', async () => {
    expect(await read(43)).toBeUndefined()
    expect(await read(43, { of: 'process' })).toBeUndefined()
  })

  it('has none while its parent has not heard of it yet', async () => {
    const files = { ...tree, '/proc/42/status': 'Name:\tnode\nState:\tZ (zombie)\nThreads:\t1\n' }
    for (const of of ['auto', 'cgroup', 'process'] as const) {
      expect(await read(42, { of }, files)).toBeUndefined()
    }
  })

  it('has none though its status is still read', async () => {
    const files = { ...tree, '/proc/41/status': 'Name:\tnode\nThreads:\t1\n' }
    expect(await read(41, {}, files)).toBeUndefined()
  })

  it.skipIf(reason)(`has none on this machine, reaped or not${skipped}`, async () => {
    // The shell becomes `sleep`, which never asks what became of its child.
    const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 & echo $!; exec sleep 60'])
    const closed = once(parent, 'close')
    onTestFinished(() => {
      parent.kill('SIGKILL')
    })
    const [text] = await once(parent.stdout, 'data')
    const pid = Number(String(text))
    const commandOf = () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')
    await expect.poll(commandOf, { timeout: 30_000 }).toBe('sleep\n')
    const reader = memoryReader()
    expect(await reader(pid)).toMatchObject({ metric: 'process.unreclaimable' })
    parent.stdin.end()
    await expect.poll(() => reader(pid), { timeout: 30_000 }).toBeUndefined()
    expect(await reader(parent.pid!)).toMatchObject({ metric: 'process.unreclaimable' })
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    parent.kill('SIGKILL')
    await closed
    expect(await reader(parent.pid!)).toBeUndefined()
  })
})

describe('the reader', () => {
  it.skipIf(reason)(`reads this process about as Node.js does${skipped}`, async () => {
    const { usedBytes = 0, metric } = (await memoryReader()(process.pid)) ?? {}
    expect(metric).toBe('process.unreclaimable')
    const rssBytes = process.memoryUsage.rss()
    expect(usedBytes).toBeGreaterThan(rssBytes / 4)
    expect(usedBytes).toBeLessThan(rssBytes * 2)
  })

  it.each<[Record<string, unknown>, string]>([
    [{ of: 'thread' }, "Expected `of` to be one of 'auto', 'cgroup', 'process', got \"thread\""],
    [
      { workingSet: 'pss' },
      "Expected `workingSet` to be one of 'unreclaimable', 'kubelet', 'rss', got \"pss\"",
    ],
  ])('refuses %o', (options, sentence) => {
    expect(() => memoryReader(options)).toThrow(new TypeError(sentence))
  })

  it('reads nothing once the signal has aborted', async () => {
    const reader = memoryReader({ root: fakeRoot(tree).root })
    await expect(reader(42, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })

  it('passes on what is no end of the process', async () => {
    const { root, remove, set } = fakeRoot(tree)
    remove('/proc/42/status')
    set('/proc/42/status/oops', '')
    await expect(memoryReader({ root, of: 'process' })(42)).rejects.toMatchObject({
      code: 'EISDIR',
    })
  })
})
