import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { APP } from './example.ts'
import { BEFORE, whatIsThere } from './left-behind.ts'
import { chapter } from './story.ts'

/** The end. */
export const uninstallCheck = chapter(
  'is uninstalled, and leaves nothing behind: no unit, drop-in, rule, record, state or user',
  180_000,
  async ({ run }, { run: runProgram }) => {
    const startMs = performance.now()
    await runProgram('uninstall')
    const seconds = Math.round((performance.now() - startMs) / 1000)
    await run('rm', ['-r', APP])
    const before = JSON.parse(readFileSync(BEFORE, 'utf8')) as readonly string[]
    assert.deepEqual(await whatIsThere(run), before)
    const units = await run('systemctl', [
      'list-units',
      '--all',
      '--plain',
      '--no-legend',
      'job-worker*',
    ])
    // The slice of a template goes by itself, some time after its last instance.
    assert.doesNotMatch(units, /\.service/)
    assert.equal(
      await run('systemctl', ['list-unit-files', '--no-legend', 'job-worker*']).catch(() => ''),
      '',
    )
    await assert.rejects(run('id', ['job-worker']))
    return `in ${seconds} s; ${before.length} files and directories are as before`
  },
)
