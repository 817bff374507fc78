import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  jobSourceContract,
  type JobSourceOracle,
  type JobSourceTestBed,
  type TestRunner,
} from '@worker-recycler/core/testing'
import { build as bundle } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect } from './collect.ts'
import { memoryTestBed, type Parts } from './memory-test-bed.ts'

const without =
  (...missing: readonly string[]) =>
  ({ make }: Parts) => {
    const good = make()
    const lacks = Object.fromEntries(missing.map((each) => [each, false]))
    return { ...good, supports: { ...good.supports, ...lacks } }
  }

const suiteOf = (build: (parts: Parts) => ReturnType<Parts['make']>) => (runner: TestRunner) =>
  jobSourceContract(runner, { create: () => memoryTestBed(build) })

describe('groups that an adapter does not support', () => {
  it.for(['abort', 'recover', 'fencing', 'throttle'])('%s is skipped by name', (group) => {
    const all = collect(suiteOf(without()))
    const { rules, skipped } = collect(suiteOf(without(group)))
    expect(all.skipped).toEqual([])
    expect(skipped).toContain(`${group}: not supported by this adapter`)
    expect(rules.length).toBeLessThan(all.rules.length)
  })

  it('fencing is skipped as well where there is no recovery', () => {
    expect(collect(suiteOf(without('recover'))).skipped).toEqual([
      'recover: not supported by this adapter',
      'fencing: not supported by this adapter',
    ])
  })

  it('are reported by a test that does nothing where the runner cannot skip', async () => {
    const titles: string[] = []
    const runs: Promise<void>[] = []
    suiteOf(without('throttle'))({
      describe: (_name, body) => body(),
      it: (title, run) => {
        titles.push(title)
        if (title.startsWith('throttle: ')) runs.push(run())
      },
    })
    await Promise.all(runs)
    expect(runs.length).toBe(1)
    expect(titles).toContain('throttle: not supported by this adapter')
  })
})

describe('rules that a test bed cannot play', () => {
  it('are reported by name', () => {
    const { skipped } = collect((runner) =>
      jobSourceContract(runner, {
        create: () => {
          const bed: Partial<JobSourceTestBed> = memoryTestBed()
          const oracle: Partial<JobSourceOracle> = { ...bed.oracle }
          delete bed.expire
          delete oracle.registered
          return { ...bed, oracle } as JobSourceTestBed
        },
      }),
    )
    expect(skipped).toEqual([
      'registration: not read by this oracle',
      'recovery without a name: no death can be proven on this test bed',
    ])
  })
})

describe('under node:test', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'worker-recycler-node-test-'))
    await bundle({
      entryPoints: [fileURLToPath(new URL('../fixtures/under-node-test.ts', import.meta.url))],
      outfile: join(folder, 'suite.test.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@worker-recycler/source'],
    })
  })
  afterAll(() => rm(folder, { recursive: true }))

  const run = (environment: Record<string, string>) =>
    new Promise<{ code: number | string | null | undefined; output: string }>((resolve) => {
      const env = { ...process.env, ...environment }
      // Set by a runner for the processes that it starts: this one is another runner.
      delete env['NODE_TEST_CONTEXT']
      const args = ['--test', '--test-reporter=tap', join(folder, 'suite.test.mjs')]
      execFile(process.execPath, args, { env }, (error, output) => {
        resolve({ code: error?.code ?? 0, output })
      })
    })

  it('a good adapter passes', async () => {
    const { rules } = collect(suiteOf(without()))
    const { code, output } = await run({})
    expect(output).toContain(`# pass ${rules.length}\n`)
    expect(output).toContain('# fail 0\n')
    expect(code).toBe(0)
  })

  it('what an adapter lacks is skipped by name', async () => {
    const { code, output } = await run({ LACKING: '1' })
    expect(output).toMatch(/throttle: not supported by this adapter # SKIP/)
    expect(output).toContain('# skipped 1\n')
    expect(code).toBe(0)
  })

  it('a broken adapter fails', async () => {
    const { code, output } = await run({ BROKEN: '1' })
    expect(output).toMatch(/^ *not ok \d+ - throttle\(0\) takes nothing$/m)
    expect(code).toBe(1)
  })
})
