import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Reading } from '@worker-recycler/core'
import { type FakeClock, fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemFiles } from '../../src/kernel/system-files.ts'
import type { PsiMonitorOptions } from '../../src/options.ts'
import { psiMonitor } from '../../src/psi-monitor.ts'
import type { SourceReport } from '../../src/sources/source.ts'
import { type FakeRoot, fakeRoot } from '../kit/fake-root.ts'
import { SERVICE, serviceTree } from '../kit/trees.ts'

const HELLO = Buffer.from('hello').toString('base64')
const noPosix = process.platform === 'win32' ? 'needs POSIX' : undefined
const noProc = existsSync('/proc/self/fd') ? undefined : 'needs procfs'

interface Watching extends FakeRoot {
  readonly clock: FakeClock
  readonly readings: Reading[]
  readonly warnings: object[]
  readonly systemd: () => SourceReport | undefined
  readonly start: (env: Record<string, string>, options?: PsiMonitorOptions) => void
  readonly end: () => Promise<void>
  /** Memory moves, which every sample tells. */
  readonly move: () => Promise<void>
}

/** A service on a clock that is not moved as far as the next sample: only a wake takes one. */
function watching(): Watching {
  const tree = fakeRoot({ ...serviceTree(), '/run/plain': 'text' })
  const clock = fakeClock()
  const readings: Reading[] = []
  const warnings: Watching['warnings'] = []
  const controller = new AbortController()
  let systemd: Watching['systemd'] = () => undefined
  let done: Promise<void> | undefined
  let bytes = 500
  const end = async () => {
    controller.abort()
    await done
  }
  onTestFinished(end)
  return {
    ...tree,
    clock,
    readings,
    warnings,
    systemd: () => systemd(),
    end,
    start: (env, options = {}) => {
      const own = { heap: false, process: false, trigger: 'off', calmMs: 1_000_000 } as const
      const silent = () => {}
      const logger = {
        error: silent,
        info: silent,
        debug: silent,
        warn: (fields: object) => void warnings.push(fields),
      }
      const monitor = psiMonitor({ root: tree.root, env, logger, ...own, ...options })
      systemd = () => monitor.sources().find(({ source }) => source === 'systemd-watch')
      done = (async () => {
        const watch = monitor.watch({ clock, signal: controller.signal })
        for await (const reading of watch) readings.push(reading)
      })()
    },
    move: async () => {
      bytes = bytes === 500 ? 550 : 500
      tree.set(`${SERVICE}/memory.current`, `${bytes}\n`)
      await clock.advance(200)
    },
  }
}

/** Lets the event loop turn until something happened; time stands still. */
async function until({ clock }: Watching, condition: () => boolean): Promise<void> {
  while (!condition()) await clock.advance(0)
}

function openFifo({ root }: Watching): number {
  const at = join(root, 'run/fifo')
  execFileSync('mkfifo', [at])
  const fd = openSync(at, constants.O_RDWR | constants.O_NONBLOCK)
  onTestFinished(() => closeSync(fd))
  return fd
}

interface Served {
  readonly client: Promise<Socket>
  /** All that the client has sent. */
  readonly sent: () => string
  /** The client has closed it. */
  readonly closed: Promise<void>
}

async function serve({ root }: Watching): Promise<Served> {
  const server = createServer()
  onTestFinished(() => void server.close())
  const client = new Promise<Socket>((resolve) => server.once('connection', resolve))
  let text = ''
  const closed = client.then(async (socket) => {
    for await (const chunk of socket) text += String(chunk)
  })
  await new Promise<void>((resolve) => server.listen(join(root, 'run/socket'), resolve))
  return { client, sent: () => text, closed }
}

describe.skipIf(noPosix)(`a FIFO${noPosix ? ` (skipped: ${noPosix})` : ''}`, () => {
  it('is given the bytes of $MEMORY_PRESSURE_WRITE', () => {
    const scene = watching()
    const fd = openFifo(scene)
    scene.start({ MEMORY_PRESSURE_WATCH: '/run/fifo', MEMORY_PRESSURE_WRITE: HELLO })
    const buffer = Buffer.alloc(100)
    // In the same turn of the event loop: the monitor has not come to read from it yet.
    expect(buffer.toString('latin1', 0, readSync(fd, buffer))).toBe('hello')
  })

  it('wakes by anything that arrives, time after time, and discards it', async () => {
    const scene = watching()
    const { readings, clock, start, move, systemd } = scene
    const fd = openFifo(scene)
    start({ MEMORY_PRESSURE_WATCH: '/run/fifo' })
    await until(scene, () => readings.length === 1)
    expect(systemd()).toEqual({
      source: 'systemd-watch',
      state: 'live',
      path: '/run/fifo',
      sentence: 'Notifications come through a fifo.',
    })
    for (const times of [1, 2, 3]) {
      await move()
      expect(readings).toHaveLength(times)
      writeSync(fd, 'x'.repeat(times))
      await until(scene, () => readings.length > times)
      expect(readings.at(-1)?.atMs).toBe(clock.nowMs())
    }
    await scene.end()
    const read = () => readSync(fd, Buffer.alloc(10))
    expect(read).toThrow('EAGAIN')
  })

  it('does not end when its last writer closes it', async () => {
    const scene = watching()
    const { readings, start, move, systemd } = scene
    openFifo(scene)
    start({ MEMORY_PRESSURE_WATCH: '/run/fifo' })
    for (const times of [1, 2]) {
      await until(scene, () => readings.length === times)
      await move()
      const fd = openSync(join(scene.root, 'run/fifo'), 'w')
      writeSync(fd, 'x')
      closeSync(fd)
    }
    await until(scene, () => readings.length === 3)
    expect(systemd()?.state).toBe('live')
  })
})

describe.skipIf(noPosix)(`a socket${noPosix ? ` (skipped: ${noPosix})` : ''}`, () => {
  const env = { MEMORY_PRESSURE_WATCH: '/run/socket' }

  it.each([
    ['hello', HELLO],
    ['some 123000 2000000\0', Buffer.from('some 123000 2000000\0').toString('base64')],
    ['', undefined],
  ])('is given the bytes of $MEMORY_PRESSURE_WRITE and no others: %j', async (bytes, encoded) => {
    const scene = watching()
    const { client, sent, closed } = await serve(scene)
    scene.start(encoded === undefined ? env : { ...env, MEMORY_PRESSURE_WRITE: encoded })
    await client
    expect(scene.systemd()).toMatchObject({
      state: 'live',
      sentence: 'Notifications come through a socket.',
    })
    await until(scene, () => sent().length >= bytes.length)
    await scene.end()
    await closed
    expect(sent()).toBe(bytes)
  })

  it('wakes by anything that is sent back', async () => {
    const scene = watching()
    const { readings, clock, start, move } = scene
    const { client } = await serve(scene)
    start({ ...env, MEMORY_PRESSURE_WRITE: HELLO })
    const socket = await client
    for (const times of [1, 2, 3]) {
      await move()
      socket.write('x')
      await until(scene, () => readings.length > times)
      expect(readings.at(-1)?.atMs).toBe(clock.nowMs())
    }
  })

  it('that the other side closes ends, in a sentence, and all else goes on', async () => {
    const scene = watching()
    const { readings, clock, start, systemd, warnings } = scene
    const { client } = await serve(scene)
    start(env, { calmMs: 1000 })
    const socket = await client
    await clock.advance(1000)
    socket.end()
    const ended = () => systemd()?.state === 'ended'
    while (!ended()) await clock.advance(1000)
    const sentence = 'It ended: the other side has closed it.'
    expect(systemd()).toMatchObject({ state: 'ended', path: '/run/socket', sentence })
    const { length } = readings
    await clock.advance(3000)
    expect(readings).toHaveLength(length + 3)
    expect(warnings).toEqual([
      { monitor: 'psi', source: 'systemd-watch', state: 'ended', sentence },
    ])
  })

  it('that nobody serves ends', async () => {
    const scene = watching()
    const program =
      "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
    expect(() =>
      execFileSync(process.execPath, ['-e', program, join(scene.root, 'run/socket')]),
    ).toThrow('Command failed')
    scene.start(env, { calmMs: 1000 })
    const ended = () => scene.systemd()?.state === 'ended'
    while (!ended()) await scene.clock.advance(1000)
    expect(scene.systemd()?.sentence).toMatch(/^It ended: connect ECONNREFUSED .*\.$/)
  })
})

describe('a path that is neither', () => {
  it.each([
    ['/run', 'refused', 'EISDIR: it is a directory.'],
    ['/run/plain', 'refused', 'ENOTTY: it is a plain file, neither of cgroup v2 nor of procfs.'],
    ['/run/missing', 'refused', 'It cannot be watched: ENOENT: there is no such file.'],
    [
      '/run/../run/plain',
      'refused',
      '$MEMORY_PRESSURE_WATCH is "/run/../run/plain": systemd sets an absolute path without `.` and `..`.',
    ],
    [
      '/dev/null',
      'off',
      'Pressure handling is switched off for this service; usage is still watched.',
    ],
    ['', 'off', 'Pressure handling is switched off for this service; usage is still watched.'],
  ])('%j is %s', async (path, state, sentence) => {
    const scene = watching()
    scene.start({ MEMORY_PRESSURE_WATCH: path, MEMORY_PRESSURE_WRITE: HELLO }, { calmMs: 1000 })
    await scene.clock.advance(2000)
    expect(scene.systemd()).toMatchObject({ state, sentence })
    expect(scene.readings).toHaveLength(3)
    // Switched off, no stalls are told; what is amiss with the variables costs none of ours.
    expect(scene.readings.at(-1)?.stall !== undefined).toBe(state === 'refused')
    expect(scene.readings.at(-1)?.hostStall !== undefined).toBe(state === 'refused')
  })

  it.skipIf(noProc)(
    `a device that Node.js cannot wait for is refused, and not left open${noProc ? ` (${noProc})` : ''}`,
    () => {
      const open = () => readdirSync('/proc/self/fd').length
      const before = open()
      const listen = () =>
        systemFiles().listen('/dev/zero', 'character', undefined, {
          modified: () => {},
          ended: () => {},
        })
      expect(listen).toThrow('Unsupported fd type')
      expect(open()).toBe(before)
    },
  )
})

describe('memoryPressureWatch', () => {
  const env = { MEMORY_PRESSURE_WATCH: '/run/plain' }

  it('skip leaves aside what systemd asks for', async () => {
    const scene = watching()
    scene.start(env, { calmMs: 1000, memoryPressureWatch: 'skip' })
    await scene.clock.advance(1000)
    expect(scene.systemd()).toMatchObject({
      state: 'off',
      sentence: '$MEMORY_PRESSURE_WATCH is not set.',
    })
    expect(scene.readings.at(-1)?.stall).toBeDefined()
  })

  it('off reads no stalls', async () => {
    const scene = watching()
    scene.start(env, { calmMs: 1000, memoryPressureWatch: 'off' })
    await scene.clock.advance(1000)
    expect(scene.systemd()).toMatchObject({ state: 'off' })
    expect(scene.readings.at(-1)).toMatchObject({ usedBytes: 400 })
    expect(scene.readings.at(-1)).not.toHaveProperty('stall')
    expect(scene.readings.at(-1)).not.toHaveProperty('hostStall')
  })
})
