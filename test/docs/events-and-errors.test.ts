import { CHANNEL_PREFIX } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { logLines, reasonCodes } from './kit/codes.ts'
import { codeSpans, namedInTables, section, tableRows } from './kit/markdown.ts'
import { read } from './kit/pages.ts'
import { literals, loadSources, payloads } from './kit/sources.ts'

const page = read('docs/events-and-errors.md')
const sources = loadSources()
const coreEvents = 'packages/core/src/events.ts'
const supervisorEvents = 'packages/fork-supervisor/src/events.ts'

/** Of the page: each event, and the fields of its payload. */
const documented = (heading: string, standsFor: readonly string[]) =>
  new Map(
    tableRows(section(page, heading)).map(([name = '', payload = '']) => [
      codeSpans(name).join(),
      [...(payload.startsWith('worker') ? standsFor : []), ...codeSpans(payload)].toSorted(),
    ]),
  )

const sorted = (events: Map<string, string[]>) =>
  new Map([...events].map(([name, fields]) => [name, fields.toSorted()]))

describe('docs/events-and-errors.md', () => {
  it('names every event of a recycler, with its payload', () => {
    expect(documented('Events of a recycler', [])).toEqual(
      sorted(payloads(sources, sources.file(coreEvents), 'RecyclerEvents')),
    )
  })

  it('names every event of the fork supervisor, with its payload', () => {
    expect(documented('Events of the fork supervisor', ['slot', 'pid', 'identity'])).toEqual(
      sorted(payloads(sources, sources.file(supervisorEvents), 'ForkSupervisorEvents')),
    )
  })

  it.for([
    ['Error codes', 'packages/core/src/errors.ts', 'RecyclerErrorCode'],
    ['Causes of death', 'packages/core/src/ledger/death.ts', 'DeathCause'],
    [
      'Why the fork supervisor kills',
      'packages/fork-supervisor/src/death/death-cause.ts',
      'KillReason',
    ],
  ] as const)('lists under "%s" all there are, and no others', ([heading, path, type]) => {
    const listed = namedInTables(section(page, heading))
    expect(listed.toSorted()).toEqual(literals(sources, sources.file(path), type).toSorted())
  })

  it('lists every reason code, and no others', () => {
    const listed = namedInTables(section(page, 'Reason codes'))
    expect(listed.toSorted()).toEqual([...reasonCodes(sources)].toSorted())
  })

  it('lists every log line with its level, and no others', () => {
    const listed = tableRows(section(page, 'Log lines')).map(
      ([level, message = '']) => `${level} ${codeSpans(message).join()}`,
    )
    expect(listed.toSorted()).toEqual([...logLines(sources)].toSorted())
  })

  it('says by which names events are mirrored', () => {
    expect(codeSpans(section(page, 'Diagnostics channels'))).toContain(`${CHANNEL_PREFIX}<event>`)
  })
})
