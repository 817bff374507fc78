import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { command } from './command.ts'
import { record } from './death-records.ts'

const { run, start } = command()

describe('deaths', () => {
  it('shows how each instance ended, the oldest first', async () => {
    const spool = scratchDirectory()
    record(spool, 'worker@2.service', {
      invocation: 'b2',
      atEpochSec: 1_767_225_601,
      memoryPeakBytes: 2 ** 31,
    })
    record(spool, 'worker@1.service', {
      invocation: 'a1',
      atEpochSec: 1_767_225_600,
      result: 'success',
      exitCode: 'exited',
      exitStatus: 75,
    })
    record(spool, 'mailer.service', { invocation: 'c3', atEpochSec: 1 })
    mkdirSync(`${spool}/worker@$.service`)
    const { code, out, errors } = await run(['deaths', 'worker@', '--spool', spool])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out)
      .toBe(`2026-01-01T00:00:00Z  worker@1.service  recycle  exited 75 (success)  invocation a1
2026-01-01T00:00:01Z  worker@2.service  memory   killed KILL (oom-kill)  peak 2 GiB  invocation b2
`)
    const one = await run(['deaths', 'worker@2', '--spool', spool, '--json'])
    expect(JSON.parse(one.out)).toEqual({
      unit: 'worker@2.service',
      invocation: 'b2',
      cause: 'memory',
      result: 'oom-kill',
      exitCode: 'killed',
      exitStatus: 'KILL',
      atEpochMs: 1_767_225_601_000,
      memoryPeakBytes: 2 ** 31,
    })
  })

  it('says where it has looked when there is nothing', async () => {
    const spool = scratchDirectory()
    const { code, out, errors } = await run(['deaths', 'worker', '--spool', spool])
    expect({ code, out }).toEqual({ code: 0, out: '' })
    expect(errors).toContain(
      `no end of worker.service is on record in ${spool}; records are written`,
    )
  })

  it('follows a template, with instances that come later, until Ctrl-C', async () => {
    const spool = `${scratchDirectory()}/deaths`
    const { child, until, ended } = start([
      'deaths',
      'worker@',
      '--follow',
      '--json',
      '--spool',
      spool,
    ])
    record(spool, 'worker@1.service', { invocation: 'a1' })
    await until(/"invocation":"a1".*\n/)
    record(spool, 'worker@2.service', { invocation: 'b2' })
    await until(/"invocation":"b2".*\n/)
    record(spool, 'worker@1.service', { invocation: 'a3' })
    await until(/"invocation":"a3".*\n/)
    child.kill('SIGINT')
    const { code, out, errors } = await ended
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out.trimEnd().split('\n')).toHaveLength(3)
  })

  it('follows one unit, beginning with what is there, until nobody reads', async () => {
    const spool = scratchDirectory()
    record(spool, 'worker.service', { invocation: 'a1' })
    const { child, until, ended } = start(['deaths', 'worker', '--follow', '--spool', spool])
    await until(/invocation a1\n/)
    child.stdout?.destroy()
    record(spool, 'worker.service', { invocation: 'a2' })
    expect(await ended).toMatchObject({ code: 0, errors: '' })
  })

  it('ends with 1 where records cannot be', async () => {
    const spool = `${scratchDirectory()}/file`
    writeFileSync(spool, '')
    const { code, errors } = await run(['deaths', 'worker', '--follow', '--spool', spool])
    expect(code).toBe(1)
    expect(errors).toBe(
      `worker-recycler-systemd: ${spool} is not there yet, and cannot be made (EEXIST). It comes with the first record\n`,
    )
  })
})
