import {
  type BootedContainer,
  NODE,
  PROGRAMS,
} from '../../packages/systemd-adapter/test/container/kit/booted-container.ts'
import type { Findings } from '../harness/benchmark.ts'
import { type Figure, figure } from '../harness/figure.ts'
import type { HookMeasured } from './fixtures/hook-runner.ts'

const HOOK = '/usr/local/libexec/worker-recycler-death-record'
const SPOOL = '/run/worker-recycler/deaths'

/** What a run of the hook costs, beside a hook that would be a program for Node.js. */
export async function hookCost(
  { container }: BootedContainer,
  progress: (line: string) => void,
): Promise<Findings> {
  progress('the hook by itself')
  const program = `${PROGRAMS.plain}/hook-runner.mjs`
  const text = await container.run(NODE, program, NODE, HOOK, SPOOL)
  return hookFindings(JSON.parse(text) as HookMeasured)
}

/** The figures of what was measured; without accounting of memory, one less. */
export function hookFindings({ ms, cpuMs, rssBytes, chargedBytes }: HookMeasured): Findings {
  const row = (
    what: string,
    unit: string,
    target: string | null,
    sides: HookMeasured['ms'],
    factor = 1,
  ): Figure =>
    figure(
      { name: `hook: ${what}`, unit, target },
      sides.hook.map((value) => value * factor),
      { name: "`node -e ''`", values: sides.node.map((value) => value * factor) },
    )
  const unaccounted =
    'Memory that is charged to the hook was not measured: no cgroup v1 with memory.'
  return {
    figures: [
      row('a run', 'ms', '<= 5', ms),
      row('CPU of a run', 'ms', null, cpuMs),
      row('RSS of its shell', 'MiB', '< 2', rssBytes, 2 ** -20),
      ...(chargedBytes
        ? [row('charged to its cgroup, all its programs', 'MiB', null, chargedBytes, 2 ** -20)]
        : []),
    ],
    notes: [
      'The hook ran 20 times in a row, as for a unit that has died often, started by a shell whose own start is taken off; the programs that it starts for a moment count in the time and in the cgroup, not in the RSS.',
      ...(chargedBytes ? [] : [unaccounted]),
    ],
  }
}
