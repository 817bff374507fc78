import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DemoAudit } from '../src/demo.ts'
import { frame } from '../src/view/frame.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs the demo as `npm run demo` does. */
function demo(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin/tsx'),
    ['--conditions=@worker-recycler/source', 'examples/demo/src/main.ts', ...args],
    { cwd: root, encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'worker-recycler-demo-test-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('the demo', () => {
  it('prints one audit as JSON: nothing lost, nothing completed twice', () => {
    const { status, stdout } = demo('--json', '--jobs=200', '--workers=2', '--kills=2', '--seed=3')
    const audit = JSON.parse(stdout) as DemoAudit
    expect(audit).toMatchObject({
      enqueued: 200,
      completed: 200,
      lost: 0,
      completedTwice: 0,
      kills: 2,
    })
    expect(Object.keys(audit)).toEqual([
      'enqueued',
      'completed',
      'lost',
      'completedTwice',
      'rerun',
      'handedBack',
      'recovered',
      'recycles',
      'kills',
      'deathToRequeueMs',
      'leakiestJob',
    ])
    expect(audit.recycles).toBeGreaterThan(0)
    expect(audit.recovered).toBeGreaterThan(0)
    expect(audit.leakiestJob).toBe('report')
    expect(status).toBe(0)
  })

  it('tells its story line by line where there is no terminal, and keeps the queue in --dir', () => {
    const { status, stdout } = demo('--jobs=20', '--workers=1', '--kills=1', `--dir=${dir}`)
    expect(stdout).toMatch(/worker 0: gone: signal \(SIGKILL/)
    expect(stdout).toMatch(/No job was lost, none was completed twice\./)
    expect(readdirSync(join(dir, 'queue')).length).toBeGreaterThan(0)
    expect(status).toBe(0)
    const again = demo('--jobs=1', `--dir=${dir}`)
    expect(again.status).not.toBe(0)
    expect(again.stderr).toContain('Expected --dir to be a new or empty directory')
  })

  it('explains itself, and refuses what it does not understand', () => {
    expect(demo('--help')).toMatchObject({ status: 0 })
    expect(demo('--help').stdout).toMatch(/--kills N/)
    const refused = demo('--jobs=many')
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain(
      'Expected --jobs to be a whole number from 1 to 100000, got "many"',
    )
  })
})

describe('the live view', () => {
  it('has one line for each worker with its memory, its phase and what it did', () => {
    const text = frame(
      {
        workers: [
          { slot: 0, pid: 41, identity: 'w0', state: 'working', history: [0, 50, 'kill', 100] },
          { slot: 1, pid: 42, identity: 'w1', state: 'leaving', history: [99, 'recycle'] },
        ],
        news: ['worker 0: ready'],
      },
      { jobs: 10, completed: 5, doneBy: new Map([['w0', 3]]), hardBytes: 100 },
    )
    const lines = stripVTControlCharacters(text).split('\n')
    expect(lines[0]).toContain('5 of 10 jobs completed')
    expect(lines[2]).toMatch(/^worker 0 +41 {2}working .*▁▅✗█ +3 done$/)
    expect(lines[3]).toMatch(/^worker 1 +42 {2}leaving .*█↻ +0 done$/)
    expect(lines.at(-1)).toContain('worker 0: ready')
  })
})
