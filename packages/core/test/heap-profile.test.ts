import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startHeapProfile, type HeapProfile } from '../src/diagnosis/heap-profile.ts'

interface ProfileNode {
  readonly callFrame: { readonly functionName: string }
  readonly selfSize: number
  readonly children: readonly ProfileNode[]
}

const identity = 'host.example:42:0123456789ab'
const { signal } = new AbortController()
let dir: string
let profile: HeapProfile | undefined

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heap-profile-'))
})

afterEach(async () => {
  profile?.stop()
  profile = undefined
  await rm(dir, { recursive: true, force: true })
})

const nodes = (node: ProfileNode): ProfileNode[] => [node, ...node.children.flatMap(nodes)]

const kept: unknown[] = []
function leakForTheProfile(): void {
  for (let index = 0; index < 100_000; index += 1) kept.push({ index, text: `leak ${index}` })
}

test('names the function that leaks, in a whole file that only its owner reads', async () => {
  profile = await startHeapProfile({ dir, intervalBytes: 16_384 }, identity)
  leakForTheProfile()
  const report = await profile.write({ signal })
  kept.length = 0
  expect(report).toMatchObject({
    outcome: 'written',
    path: join(dir, 'host.example-42-0123456789ab.heapprofile'),
  })
  const path = join(dir, 'host.example-42-0123456789ab.heapprofile')
  const text = await readFile(path, 'utf8')
  expect(report).toMatchObject({ bytes: Buffer.byteLength(text) })
  const { head } = JSON.parse(text) as { head: ProfileNode }
  const leaking = nodes(head).filter((node) => node.callFrame.functionName === 'leakForTheProfile')
  expect(leaking.reduce((sum, node) => sum + node.selfSize, 0)).toBeGreaterThan(1_000_000)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(dir)).toEqual([basename(path)])
})

test('is not written without head-room, time or need', async () => {
  profile = await startHeapProfile({ dir, minHeadroomBytes: 1000, minRemainingMs: 100 }, identity)
  const aborted = AbortSignal.abort()
  expect(await profile.write({ signal, headroomBytes: 999 })).toEqual({
    outcome: 'skipped',
    why: 'headroom',
  })
  expect(await profile.write({ signal, remainingMs: 99 })).toEqual({
    outcome: 'skipped',
    why: 'time',
  })
  expect(await profile.write({ signal: aborted })).toEqual({ outcome: 'skipped', why: 'aborted' })
  expect(await readdir(dir)).toEqual([])
  expect(await profile.write({ signal, headroomBytes: 1000, remainingMs: 100 })).toMatchObject({
    outcome: 'written',
  })
  profile.stop()
  profile.stop()
  expect(await profile.write({ signal })).toEqual({ outcome: 'skipped', why: 'stopped' })
})

test('an abort while it is written leaves nothing behind', async () => {
  profile = await startHeapProfile({ dir }, identity)
  const stop = new AbortController()
  const written = profile.write({ signal: stop.signal })
  stop.abort()
  expect(await written).toEqual({ outcome: 'skipped', why: 'aborted' })
  expect(await readdir(dir)).toEqual([])
})

test('a directory that has gone is reported, not thrown', async () => {
  profile = await startHeapProfile({ dir }, identity)
  await rm(dir, { recursive: true })
  const report = await profile.write({ signal })
  expect(report).toMatchObject({ outcome: 'failed', error: { code: 'ENOENT' } })
})

test.each(['../../etc/passwd', '/etc/cron.d/x', '.hidden', '..', '', '\0', 'é'.repeat(300)])(
  'the identity %j stays inside the directory',
  async (name) => {
    profile = await startHeapProfile({ dir }, name)
    const report = await profile.write({ signal })
    expect(report.outcome).toBe('written')
    const files = await readdir(dir)
    expect(files).toHaveLength(1)
    expect(files[0]).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]*\.heapprofile$/)
  },
)

test('a directory must be there, writable, and absolute', async () => {
  const file = join(dir, 'file')
  await writeFile(file, '')
  for (const wrong of ['relative', join(dir, 'missing'), file, `${dir}\0`, undefined]) {
    await expect(startHeapProfile({ dir: wrong as string }, identity)).rejects.toThrow(
      'Expected `dir` to be an existing, writable directory',
    )
  }
  await expect(startHeapProfile({ dir, intervalBytes: 10 }, identity)).rejects.toThrow(TypeError)
})

test.skipIf(process.getuid?.() === 0)(
  'a directory that cannot be written is refused (root can write everywhere)',
  async () => {
    await chmod(dir, 0o500)
    await expect(startHeapProfile({ dir }, identity)).rejects.toThrow(TypeError)
  },
)
