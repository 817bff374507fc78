import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { currentDeath } from '../../src/death/current-death.ts'
import { causeOf } from '../../src/death/death-record.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'

const UNIT = 'worker@1.service'
const INVOCATION = '0123456789abcdef0123456789abcdef'
const OTHER = 'fedcba9876543210fedcba9876543210'
const cgroupText = `0::/system.slice/system-worker.slice/${UNIT}\n`
const env = {
  INVOCATION_ID: INVOCATION,
  SERVICE_RESULT: 'signal',
  EXIT_CODE: 'killed',
  EXIT_STATUS: 'KILL',
}

const record = (invocation: string, oomKills: number) =>
  `unit=${UNIT}\ninvocation=${invocation}\nresult=signal\nexitCode=killed\nexitStatus=KILL\noomKills=${oomKills}\n`

function spoolOf(invocations: Readonly<Record<string, number>>): string {
  const spool = scratchDirectory()
  mkdirSync(join(spool, UNIT))
  for (const [invocation, oomKills] of Object.entries(invocations)) {
    writeFileSync(join(spool, UNIT, invocation), record(invocation, oomKills))
  }
  return spool
}

it('is the record of this invocation, with what the kernel has counted', async () => {
  const spool = spoolOf({ [OTHER]: 0, [INVOCATION]: 1 })
  const death = await currentDeath({ env, spool, cgroupText })
  expect(death).toMatchObject({ unit: UNIT, invocation: INVOCATION, oomKills: 1 })
  expect(causeOf(death)).toBe('memory')
})

it('is what systemd tells where the hook has written none', async () => {
  const spool = spoolOf({ [OTHER]: 1 })
  const death = await currentDeath({ env, spool, cgroupText })
  expect(death).toMatchObject({ unit: UNIT, invocation: INVOCATION, exitStatus: 'KILL' })
  expect(causeOf(death)).toBe('signal')
})

it("is nobody's outside of a service", async () => {
  await expect(currentDeath({ env: {}, cgroupText: '' })).rejects.toMatchObject({
    code: 'NO_SUPERVISOR',
  })
})
