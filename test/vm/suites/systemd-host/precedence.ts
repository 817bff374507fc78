import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseShow } from '../../../../packages/systemd-adapter/src/transport/systemctl.ts'
import type { Check } from '../../suite.ts'
import { report } from './command.ts'
import { MB, mbText } from './megabytes.ts'
import { makeTemplate, serviceText, UNITS, writeUnits } from './service-template.ts'

const max = (size: string) => serviceText([`MemoryMax=${size}`])
const EVERYBODYS = 'service.d/08-all.conf'

/** Drop-ins of several places and names for the instances of one template. */
const FILES = {
  'order@.service.d/memory-limit.conf': max('200M'),
  // Read before the one above, which wins.
  'order@earlier.service.d/10-override.conf': max('400M'),
  'order@same.service.d/memory-limit.conf': max('400M'),
  // The place is stronger than the name.
  '/run/systemd/system/order@elsewhere.service.d/memory-limit.conf': max('400M'),
  'order@masked.service.d/memory-limit.conf': null,
  'order@masked.service.d/08-all.conf': null,
  // For all services, and read after this one.
  [EVERYBODYS]: max('700M'),
  'order@all.service.d/memory-limit.conf': null,
  'order@all.service.d/05-own.conf': max('400M'),
} as const

const EXPECTED = { earlier: 200, same: 400, elsewhere: 200, masked: Infinity, all: 700 }

/** The research's cases of precedence, answered by the manager that runs here. */
export const precedenceCheck: Check = {
  name: 'explains what wins among the files of others as the manager has it',
  run: async (context) => {
    const { run, atEnd } = context
    atEnd(() => Promise.resolve(rmSync(join(UNITS, 'service.d'), { recursive: true })))
    writeUnits(FILES)
    const template = makeTemplate(context, 'order', ['ExecStart=/bin/sleep infinity'])
    const instances = await template.start(...Object.keys(EXPECTED))
    const names = instances.map(({ unit }) => unit)
    const shown = parseShow(await run('systemctl', ['show', '--property=Id,MemoryMax', ...names]))
    const explained = await report(context, 'explain', [template.name])
    const rows = instances.map(({ unit, hardBytes }) => {
      const property = shown.get(unit)?.['MemoryMax'] ?? ''
      const limit = explained.find((each) => each.unit === unit)?.limits['MemoryMax']
      const { value = 'infinity', path = 'no file' } = limit?.winner ?? {}
      return { unit, manager: inBytes(property), kernel: hardBytes(), ours: inBytes(value), path }
    })
    const seen = rows.map(({ unit, manager, path }) => `${unit} ${mbText(manager)} by ${path}`)
    const wanted = Object.values(EXPECTED).map((size) => size * MB)
    assert.deepEqual(
      rows.map(({ manager }) => manager),
      wanted,
    )
    assert.deepEqual(
      rows.map(({ kernel }) => kernel),
      wanted,
    )
    assert.deepEqual(
      rows.map(({ ours }) => ours),
      wanted,
      seen.join('; '),
    )
    return seen.join('; ')
  },
}

function inBytes(text: string): number {
  if (text === 'infinity') return Infinity
  return text.endsWith('M') ? Number(text.slice(0, -1)) * MB : Number(text)
}
