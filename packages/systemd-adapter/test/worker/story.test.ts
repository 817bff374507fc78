import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRecycler, type Ledger } from '@worker-recycler/core'
import { memoryJobSource, memoryJobStore } from '@worker-recycler/core/testing'
import { expect, it, vi } from 'vitest'
import { journalLogger } from '../../src/worker/journal-logger.ts'
import { hookIn } from '../death/hook.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { CALL, fakeService, MIB } from './fake-service.ts'

const STREAM = '8:4711'
const PREDECESSOR = 'e'.repeat(32)

/** A worker with all its parts, and what `journalctl -u` would show of it. */
function scene() {
  const directory = scratchDirectory()
  const kept = join(directory, 'kept')
  mkdirSync(kept)
  const service = fakeService({ directory, env: { STATE_DIRECTORY: kept } })
  service.setUp()
  const lines: string[] = []
  const logger = journalLogger({
    env: { JOURNAL_STREAM: STREAM },
    stream: STREAM,
    write: (text) => void lines.push(text),
  })
  const store = memoryJobStore()
  const source = memoryJobSource({ store })
  const enforcer = service.enforcer({ logger })
  const hook = hookIn(directory)
  return {
    store,
    source,
    enforcer,
    recycler: createRecycler({ source, monitors: [], enforcer, logger, exit: () => {} }),
    /** Leaves the record of a predecessor. */
    end: (env: Readonly<Record<string, string>>) =>
      hook({
        unit: service.unit,
        spool: service.spool,
        env: { ...env, INVOCATION_ID: PREDECESSOR },
      }),
    /** The one line that begins like this; fails where there are none or several. */
    line: (beginning: string): string => {
      const found = lines.filter((line) => line.slice('<6>'.length).startsWith(beginning))
      expect(found, `${beginning} in ${lines.join('')}`).toHaveLength(1)
      return found[0] ?? ''
    },
    all: () => lines,
  }
}

it('tells of a start: under which limits, with how much time, and that jobs are taken', async () => {
  const { recycler, line } = scene()
  await recycler.start()
  const started = line('Worker started')
  expect(started).toMatch(/^<6>/)
  expect(started).toMatch(/budget=\{totalMs=\d+, /)
  expect(started).toContain(`limits={hardBytes=${1024 * MIB}, from=the cgroup of worker@1.service}`)
  expect(line('Ready')).toMatch(
    /^<6>Ready: systemd was not told: unit=worker@1\.service, via=none, reason=\$NOTIFY_SOCKET is not set/,
  )
  await recycler.stop()
})

it('tells of a recycle: why, what it does now, how long it may take, and what came of it', async () => {
  const { recycler, line, store, source } = scene()
  const id = store.enqueue('paint')
  await recycler.start()
  await vi.waitFor(() => expect(source.running.has(id)).toBe(true), {
    timeout: 30_000,
    interval: 5,
  })
  const recycling = recycler.recycle()
  await vi.waitFor(() => line('Head-room'), { timeout: 30_000, interval: 5 })
  source.finish(id)
  await recycling
  expect(line('Leaving: fetching stops')).toMatch(
    /^<6>.* leaving=recycle, reasons=The application asked.*, budget=\{totalMs=\d+, /,
  )
  const granted = Math.round(102.4 * MIB)
  expect(line('Head-room granted')).toMatch(
    new RegExp(
      `^<6>Head-room granted for the drain: unit=worker@1\\.service, bytes=${granted}, forMs=\\d+\n$`,
    ),
  )
  expect(line('Head-room taken back')).toBe(
    `<6>Head-room taken back: unit=worker@1.service, MemoryMax=${1024 * MIB}\n`,
  )
  expect(line('Worker stopped')).toMatch(
    /jobs=\{inFlight=1, completed=1, failed=0, handedBack=0\}.*, exitCode=75\n$/,
  )
})

it('tells, at the next start, how a predecessor was killed, and what comes of what it held', async () => {
  const { recycler, line, end } = scene()
  await end({ SERVICE_RESULT: 'oom-kill', EXIT_CODE: 'killed', EXIT_STATUS: 'KILL' })
  await recycler.start()
  expect(line('The predecessor died')).toBe(
    '<4>The predecessor died; what it held goes to recovery: unit=worker@1.service, cause=memory, exitSignal=SIGKILL\n',
  )
  expect(line('Worker started')).toContain('lastExit={cause=memory, exitSignal=SIGKILL, ')
  await recycler.stop()
})

it('tells of a recovery: of which worker, which jobs, and where they are now', async () => {
  const { recycler, line, end, store, source, enforcer } = scene()
  const identity = `host:7:${PREDECESSOR}`
  store.register(identity)
  const id = store.enqueue('paint')
  store.claim(identity)
  await enforcer.saveLedger?.({ version: 1, identity, leaving: 'recycle' } as Ledger, CALL)
  await end({ SERVICE_RESULT: 'success', EXIT_CODE: 'exited', EXIT_STATUS: '75' })
  await recycler.start()
  expect(line('Jobs of dead workers')).toMatch(
    new RegExp(
      `^<4>Jobs of dead workers were put back: .*count=1, recovered=\\{id=${id}, name=paint, from=${identity}, to=queue\\}\n$`,
    ),
  )
  await vi.waitFor(() => expect(source.running.has(id)).toBe(true), {
    timeout: 30_000,
    interval: 5,
  })
  source.finish(id)
  await recycler.stop()
})

it('is made of single lines, each with a priority', async () => {
  const { recycler, all, end } = scene()
  await end({ SERVICE_RESULT: 'signal', EXIT_CODE: 'killed', EXIT_STATUS: 'SEGV' })
  await recycler.start()
  await recycler.stop()
  expect(all().length).toBeGreaterThan(4)
  for (const line of all()) expect(line).toMatch(/^<[3-7]>[A-Z][^\n]+\n$/)
})
