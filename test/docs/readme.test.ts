import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codeBlocks } from './kit/markdown.ts'
import { read, ROOT } from './kit/pages.ts'

const page = read('README.md')
let folder = ''
let child: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'worker-recycler-readme-'))
})
afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('the example of README.md', () => {
  it('runs jobs when it is started as the page says, and stops when it is asked to', async () => {
    const [, script = ''] = /npx tsx --conditions=@worker-recycler\/source (\S+)/.exec(page) ?? []
    // As `npx tsx` does, but in a folder of the test's own.
    const example = spawn(
      join(ROOT, 'node_modules/.bin/tsx'),
      ['--conditions=@worker-recycler/source', join(ROOT, script)],
      { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    child = example
    const exited = once(example, 'exit')
    for await (const line of createInterface(example.stdout)) {
      expect(line).toMatch(/^\d+: Hello, guest \d+$/)
      break
    }
    while (readdirSync(join(folder, 'queue/completed')).length === 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    example.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    expect(readdirSync(join(folder, 'queue/working'))).toEqual([])
  })
})

describe('the output of the demo in README.md', () => {
  it('has the lines that the demo prints', () => {
    const report = read('examples/demo/src/view/report.ts')
    const shown = codeBlocks(page).find(({ code }) => code.includes('Audit, from what'))
    const labels = [...(shown?.code ?? '').matchAll(/^ {2}([a-z ]+?) {2,}\S/gm)]
    expect(labels.length).toBeGreaterThan(8)
    for (const [, label = ''] of labels) expect(report).toContain(`'${label}'`)
  })
})
