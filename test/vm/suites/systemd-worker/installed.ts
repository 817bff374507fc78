import { writeFileSync } from 'node:fs'
import {
  type SystemdPlan,
  type SystemdRequest,
  systemdHost,
} from '@worker-recycler/systemd-adapter'
import type { Context } from '../../guest/context.ts'
import { jsonLines, type Line } from '../../guest/json-lines.ts'
import { PROGRAMS } from '../../guest/programs.ts'
import { until } from '../../guest/until.ts'
import type { Work } from '../../programs/worker-recycler.ts'

/** An entry of the journal (systemd.journal-fields(7)). */
export type Entry = Readonly<Record<string, string | undefined>>

/** A service from a unit file, with the drop-ins of our host. */
export interface Installed {
  readonly unit: string
  readonly plan: SystemdPlan
  readonly start: () => Promise<void>
  /** Sends a signal to its main process. */
  readonly signal: (name: string) => Promise<void>
  /** Properties, as `systemctl show` has them. */
  readonly show: <Name extends string>(...names: Name[]) => Promise<Readonly<Record<Name, string>>>
  /** What its processes have said by JSON so far. */
  readonly lines: () => readonly Line[]
  /** The nth line of these that has the key; waits for it. */
  readonly told: (key: string, nth?: number) => Promise<Line>
  /** The nth entry about it in the journal whose message matches; waits for it. */
  readonly message: (pattern: RegExp, nth?: number) => Promise<Entry>
  /** All entries about it. */
  readonly entries: () => Promise<readonly Entry[]>
}

const APPLY_MS = 60_000
const JOURNAL_EVERY_MS = 300

/** What a unit is made of. */
export interface Parts {
  /** Lines of its section `[Service]`. */
  readonly lines: readonly string[]
  /** What our host adds. */
  readonly request?: Omit<SystemdRequest, 'target'>
}

/** The line that runs a recycler. */
export const recycler = (work: Work = {}): string =>
  `ExecStart=${PROGRAMS}/node ${PROGRAMS}/worker-recycler.mjs '${JSON.stringify(work)}'`

/** Writes a unit file, or a template's for this instance, and applies a request to it. */
export async function install(context: Context, unit: string, parts: Parts): Promise<Installed> {
  const { run, signal, owns } = context
  const target = unit.replace(/@.*\./, '@.')
  const said = `/run/${unit}.said`
  const lines = ['[Service]', `StandardError=append:/run/%n.said`, ...parts.lines, '']
  writeFileSync(`/etc/systemd/system/${target}`, lines.join('\n'))
  owns(unit)
  const host = systemdHost()
  const call = { signal: AbortSignal.any([signal, AbortSignal.timeout(APPLY_MS)]) }
  const request = { ...parts.request, target }
  // Before the facts are read, so that the unit is known.
  await run('systemctl', ['daemon-reload'])
  const plan = host.plan(request, await host.facts(request, call))
  await host.apply(plan, call)

  const linesSaid = jsonLines(said)
  const entries = async () => {
    await run('journalctl', ['--sync'])
    const text = await run('journalctl', [`--unit=${unit}`, '--no-pager', '--all', '--output=json'])
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entry]))
  }
  return {
    unit,
    plan,
    entries,
    start: async () => void (await run('systemctl', ['start', unit])),
    signal: async (name) => {
      await run('systemctl', ['kill', '--kill-who=main', `--signal=${name}`, unit])
    },
    show: async (...names) => {
      const text = await run('systemctl', ['show', `--property=${names.join(',')}`, unit])
      const pairs = text
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s).slice(0, 2))
      return Object.fromEntries(pairs) as Record<(typeof names)[number], string>
    },
    lines: linesSaid,
    told: (key, nth = 1) => until(() => linesSaid().filter((line) => key in line)[nth - 1], signal),
    message: (pattern, nth = 1) =>
      until(
        async () => (await entries()).filter(({ MESSAGE = '' }) => pattern.test(MESSAGE))[nth - 1],
        signal,
        JOURNAL_EVERY_MS,
      ),
  }
}
