import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { causeOf, parseDeathRecord } from '../../src/death/death-record.ts'
import { readDeaths } from '../../src/death/spool.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { hookIn, SHELLS } from './hook.ts'

const UNIT = 'worker@1.service'
const INVOCATION = '0123456789abcdef0123456789abcdef'
const KILLED = {
  INVOCATION_ID: INVOCATION,
  SERVICE_RESULT: 'oom-kill',
  EXIT_CODE: 'killed',
  EXIT_STATUS: 'KILL',
}

/** A hook, a spool that is not there yet, and all that lies around it. */
function scene() {
  const directory = scratchDirectory()
  const spool = join(directory, 'run', 'deaths')
  return {
    directory,
    spool,
    run: hookIn(directory),
    recordOf: (unit: string) => readFileSync(join(spool, unit, INVOCATION), 'utf8'),
    /** All files and directories, but for the hook itself. */
    all: () =>
      readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .filter((path) => path !== 'death-record')
        .toSorted(),
  }
}

const HOSTILE = {
  'a quote': `KILL'; touch pwned; '`,
  'a double quote': 'KILL"; touch pwned; "',
  'a command': '$(touch pwned)`touch pwned`',
  'a newline and a line of a record': `KILL\nunit=other.service\ninvocation=dead\noomKills=1`,
  'a way up': '../../../etc/passwd',
  'a percent sign': '%s%n%d %%',
  blanks: 'KI LL\t*',
  'a backslash': String.raw`KILL\nunit=other.service\0\c`,
  'an option': '--help=1',
  '10 kB': '$'.repeat(10_000),
}

describe.each(SHELLS)('the hook, run by %s', (shell) => {
  it('writes one record, whole, under the name of the invocation', async () => {
    const { run, spool, all, recordOf } = scene()
    expect(await run({ shell, unit: UNIT, spool, env: KILLED })).toEqual({ code: 0, output: '' })
    expect(all()).toEqual([
      'run',
      'run/deaths',
      `run/deaths/${UNIT}`,
      `run/deaths/${UNIT}/${INVOCATION}`,
    ])
    expect(recordOf(UNIT)).toMatch(
      new RegExp(
        `^unit=${UNIT}\ninvocation=${INVOCATION}\nresult=oom-kill\nexitCode=killed\nexitStatus=KILL\n$`,
      ),
    )
    const record = parseDeathRecord(recordOf(UNIT), 0)
    expect(record && causeOf(record)).toBe('memory')
  })

  it.each(Object.entries(HOSTILE))('takes %s for no word of systemd', async (_title, hostile) => {
    const { run, spool, all, recordOf } = scene()
    const env = {
      INVOCATION_ID: INVOCATION,
      SERVICE_RESULT: hostile,
      EXIT_CODE: hostile,
      EXIT_STATUS: hostile,
    }
    expect(await run({ shell, unit: UNIT, spool, env })).toEqual({ code: 0, output: '' })
    expect(all()).toHaveLength(4)
    expect(recordOf(UNIT).split('\n')).toHaveLength(6)
    expect(await readDeaths(UNIT, spool)).toEqual([
      {
        unit: UNIT,
        invocation: INVOCATION,
        result: '',
        exitCode: '',
        exitStatus: '',
        atEpochMs: expect.any(Number) as number,
      },
    ])
  })

  it.each([
    '..',
    '.',
    '',
    '../escaped.service',
    'a/../../escaped.service',
    '/escaped.service',
    '.hidden.service',
    '-rf.service',
    'a b.service',
    'a\nb.service',
    '$(touch pwned).service',
    '*.service',
  ])('refuses the unit %j, and writes nothing', async (unit) => {
    const { run, spool, all } = scene()
    expect(await run({ shell, unit, spool, env: KILLED })).toEqual({ code: 1, output: '' })
    expect(all()).toEqual([])
  })

  it.each(['', '../../escaped', 'ABCDEF', '0123 4567', 'a\nb', 'g'])(
    'refuses the invocation %j, and writes nothing',
    async (invocation) => {
      const { run, spool, all } = scene()
      const env = { ...KILLED, INVOCATION_ID: invocation }
      expect(await run({ shell, unit: UNIT, spool, env })).toEqual({ code: 1, output: '' })
      expect(all()).toEqual([])
    },
  )

  it('keeps the escapes of a unit’s name', async () => {
    const { run, spool } = scene()
    const unit = String.raw`worker\x2done@a:b_c.d.service`
    expect(await run({ shell, unit, spool, env: KILLED })).toEqual({ code: 0, output: '' })
    expect(await readDeaths(unit, spool)).toMatchObject([{ unit, invocation: INVOCATION }])
  })

  it('writes through a spool that is a link, and into one with blanks and quotes', async () => {
    const { run, directory } = scene()
    const real = join(directory, `it's "real" $HOME`)
    const link = join(directory, 'link')
    mkdirSync(real)
    symlinkSync(real, link)
    for (const [spool, invocation] of [
      [real, 'a1'],
      [link, 'b2'],
    ] as const) {
      const env = { ...KILLED, INVOCATION_ID: invocation }
      expect(await run({ shell, unit: UNIT, spool, env })).toEqual({ code: 0, output: '' })
    }
    expect(readdirSync(join(real, UNIT)).toSorted()).toEqual(['a1', 'b2'])
  })

  it('fails with a sentence, and leaves the rest alone, where no spool can be made', async () => {
    const { run, directory, all } = scene()
    const spool = join(directory, 'file')
    writeFileSync(spool, 'of somebody')
    const { code, output } = await run({ shell, unit: UNIT, spool, env: KILLED })
    expect(code).not.toBe(0)
    expect(output).toMatch(/mkdir: /)
    expect(readFileSync(spool, 'utf8')).toBe('of somebody')
    expect(all()).toEqual(['file'])
  })

  it('leaves no half record when it is killed, and the next one sweeps up', async () => {
    const { run, spool, directory } = scene()
    const bin = join(directory, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'mv'), '#!/bin/sh\nkill -KILL $$\n', { mode: 0o755 })
    const killed = await run({ shell, unit: UNIT, spool, env: KILLED, bin })
    expect(killed.code).toBe('SIGKILL')
    expect(readdirSync(join(spool, UNIT))).toEqual(['.part'])
    expect(await readDeaths(UNIT, spool)).toEqual([])

    await run({ shell, unit: UNIT, spool, env: { ...KILLED, INVOCATION_ID: 'ab' } })
    expect(readdirSync(join(spool, UNIT))).toEqual(['ab'])
  })

  it('keeps the old record when it is killed before the new one has its name', async () => {
    const { run, spool, directory, recordOf } = scene()
    await run({ shell, unit: UNIT, spool, env: KILLED })
    const before = recordOf(UNIT)
    const bin = join(directory, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'mv'), '#!/bin/sh\nkill -KILL $$\n', { mode: 0o755 })
    await run({ shell, unit: UNIT, spool, env: { ...KILLED, EXIT_STATUS: 'TERM' }, bin })
    expect(recordOf(UNIT)).toBe(before)
    expect(await readDeaths(UNIT, spool)).toHaveLength(1)
  })

  it('writes no record at all where there is no room for it', async () => {
    const { run, spool } = scene()
    mkdirSync(join(spool, UNIT), { recursive: true })
    // Whatever is written there finds the disk full.
    symlinkSync('/dev/full', join(spool, UNIT, '.part'))
    const { code } = await run({ shell, unit: UNIT, spool, env: KILLED })
    expect(code).not.toBe(0)
    expect(readdirSync(join(spool, UNIT))).toEqual(['.part'])
  })
})

it('is run by the shell that systemd starts, wherever these tests run', () => {
  expect(SHELLS).toContain('/bin/sh')
})
