import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { createHeartbeatJudge } from '../src/liveness/heartbeat-judge.ts'
import { judgeWorker } from '../src/liveness/judge-worker.ts'
import { parseStat, type ProcessProbe, systemProcesses } from '../src/liveness/process-probe.ts'
import { describeSelf, type WorkerRecord } from '../src/liveness/worker-record.ts'
import { defaultHeartbeatMs } from '../src/worker/heartbeat.ts'

const record: WorkerRecord = {
  version: 1,
  identity: 'h:7:abcdef',
  host: 'h',
  pid: 7,
  startTicks: 100,
  bootId: 'boot-1',
  pidNamespace: 'pid:[1]',
  heartbeatMs: 0,
  registeredAtEpochMs: 0,
}
const judge = (subject: Partial<WorkerRecord>, probe: ProcessProbe) =>
  judgeWorker({ ...record, ...subject }, record, { probe: () => probe })

describe('judging a worker', () => {
  it.each<[string, Partial<WorkerRecord>, ProcessProbe, string]>([
    ['the same process', {}, { kind: 'running', startTicks: 100 }, 'alive'],
    ['no process', {}, { kind: 'gone' }, 'dead'],
    ['another process with its pid', {}, { kind: 'running', startTicks: 101 }, 'dead'],
    ['a process whose start is not known', {}, { kind: 'running' }, 'alive'],
    ['another boot', { bootId: 'boot-0' }, { kind: 'running', startTicks: 100 }, 'dead'],
    [
      'another boot, of one that beats',
      { bootId: 'b', heartbeatMs: 1 },
      { kind: 'gone' },
      'unknown',
    ],
    ['another host', { host: 'other' }, { kind: 'gone' }, 'unknown'],
    ['another pid namespace', { pidNamespace: 'pid:[2]' }, { kind: 'gone' }, 'unknown'],
  ])('%s', (_, subject, probe, verdict) => {
    expect(judge(subject, probe)).toBe(verdict)
  })

  it('without a boot id, goes by the process alone', () => {
    const { bootId: _, ...mac } = record
    expect(judgeWorker(mac, mac, { probe: () => ({ kind: 'gone' }) })).toBe('dead')
    expect(judgeWorker(record, mac, { probe: () => ({ kind: 'gone' }) })).toBe('unknown')
  })
})

describe('/proc/<pid>/stat', () => {
  const after = `S ${Array.from({ length: 18 }, (_, n) => n).join(' ')} 4242 0 0`

  it.each(['(node)', '(a b) c)', '(R 1 2 3) 4 5)', '()'])('reads past the name %s', (name) => {
    expect(parseStat(`12 ${name} ${after}`)).toEqual({ state: 'S', startTicks: 4242 })
  })

  it.each(['', '12', '12 (node) S'])('does not guess at %j', (text) => {
    expect(parseStat(text)).toBeUndefined()
  })
})

describe('the processes of the system', () => {
  const processes = systemProcesses()

  it('finds this process the same each time, and no process of an impossible pid', () => {
    expect(processes.probe(process.pid)).toEqual(processes.probe(process.pid))
    expect(processes.probe(process.pid).kind).toBe('running')
    expect(processes.probe(4_194_305).kind).toBe('gone')
  })

  it('tells two processes apart, and a dead one from a living one', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await once(child, 'spawn')
    const own = { identity: 'x', heartbeatMs: 0, epochMs: 0 }
    const self = describeSelf(processes, own)
    const subject = { ...self, pid: child.pid ?? 0 }
    const probe = processes.probe(subject.pid)
    expect(probe.kind).toBe('running')
    // Without /proc nothing tells it from an earlier process of this pid.
    const verdict = existsSync('/proc/self/stat') ? 'dead' : 'alive'
    expect(judgeWorker(subject, self, processes)).toBe(verdict)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(processes.probe(subject.pid).kind).toBe('gone')
  })

  it.skipIf(!existsSync('/proc/self/stat'))(
    'takes a process that waits to be reaped for gone (not without a /proc)',
    () => {
      // The shell's child is left to a program that does not know of it, and so never waits for it.
      const program = `
        const { readFileSync } = require('node:fs')
        const [, pid] = process.argv
        const text = () => readFileSync('/proc/' + pid + '/stat', 'utf8')
        process.kill(Number(pid), 'SIGKILL')
        while (!text().includes(') Z ')) continue
        console.log(text())`
      const script = 'sleep 1000 & exec "$0" -e "$1" $!'
      const output = execFileSync('sh', ['-c', script, process.execPath, program], {
        encoding: 'utf8',
      })
      const stat = parseStat(output)
      expect(stat?.state).toBe('Z')
    },
  )

  it('beats by itself only where others cannot see its pid', () => {
    const table = { probe: () => ({ kind: 'gone' }) as const }
    expect(defaultHeartbeatMs({ ...table, pidNamespace: 'pid:[4026531836]' })).toBe(0)
    expect(defaultHeartbeatMs(table)).toBe(0)
    expect(defaultHeartbeatMs({ ...table, pidNamespace: 'pid:[4026532501]' })).toBe(3000)
  })
})

describe('judging by heartbeats', () => {
  const EVERY_MS = 10_000

  it('waits for three missed beats, all of them watched', async () => {
    const clock = fakeClock()
    const beats = createHeartbeatJudge(clock, EVERY_MS)
    const look = async (mtimeMs: number) => {
      beats.look()
      const expired = beats.expired('x', mtimeMs, 5000)
      await clock.advance(EVERY_MS)
      return expired
    }
    expect(await look(1)).toBe(false)
    expect(await look(2)).toBe(false)
    expect(await look(2)).toBe(false)
    expect(await look(2)).toBe(true)
  })

  it('knows nothing after it was stalled itself', async () => {
    const clock = fakeClock()
    const beats = createHeartbeatJudge(clock, EVERY_MS)
    beats.look()
    expect(beats.expired('x', 1, 5000)).toBe(false)
    await clock.advance(60_000)
    beats.look()
    expect(beats.expired('x', 1, 5000)).toBe(false)
  })

  it('does not compare clocks: neither a jump here nor a skew there is a death', async () => {
    const clock = fakeClock()
    const beats = createHeartbeatJudge(clock, EVERY_MS)
    beats.look()
    expect(beats.expired('x', 5, 5000)).toBe(false)
    clock.jumpEpoch(3_600_000)
    await clock.advance(EVERY_MS)
    beats.look()
    expect(beats.expired('x', -3_600_000, 5000)).toBe(false)
  })
})
