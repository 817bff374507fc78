import {
  type BootedContainer,
  NODE,
  PROGRAMS,
} from '../../packages/systemd-adapter/test/container/kit/booted-container.ts'
import { addUnits, service } from '../../packages/systemd-adapter/test/container/kit/units.ts'
import type { Findings } from '../harness/benchmark.ts'
import { figure } from '../harness/figure.ts'
import type { FleetMeasured } from './fixtures/fleet-host.ts'

const TARGET = 'fleet@.service'
const UNITS = Array.from({ length: 100 }, (_, index) => `fleet@${index + 1}.service`)

/** What the host's side does with a hundred running instances of a template. */
export async function fleet(
  { container }: BootedContainer,
  progress: (line: string) => void,
): Promise<Findings> {
  progress('100 instances: reloads, status, plan')
  await addUnits(container, { [TARGET]: service('ExecStart=/bin/sleep infinity') })
  await container.run('systemctl', 'start', ...UNITS)
  const program = `${PROGRAMS.plain}/fleet-host.mjs`
  const text = await container.run(NODE, program, TARGET, ...UNITS)
  await container.run('systemctl', 'stop', ...UNITS)
  return fleetFindings(JSON.parse(text) as FleetMeasured)
}

/** The figures of what was measured, and what it was. */
export function fleetFindings({
  files,
  reloads,
  limited,
  statusCalls,
  ms,
}: FleetMeasured): Findings {
  const shows = { name: '100 times `systemctl show`', values: ms.shows }
  const reload = { name: '`systemctl daemon-reload`', values: ms.reload }
  const byHand = { name: 'a reload for each file', values: [files] }
  const count = (name: string, target: string, value: number, peer = byHand) =>
    figure({ name, unit: 'calls', target }, [value], peer)
  return {
    figures: [
      figure({ name: 'status of 100 units', unit: 'ms', target: null }, ms.status, shows),
      figure(
        { name: 'status of 100 units, without systemctl', unit: 'ms', target: '< 50' },
        ms.reads,
        shows,
      ),
      count('status of 100 units: calls of systemctl', '1', statusCalls, {
        name: 'a call for each unit',
        values: [UNITS.length],
      }),
      figure({ name: 'plan of 100 instances: facts', unit: 'ms', target: null }, ms.facts, reload),
      figure({ name: 'plan of 100 instances: pure', unit: 'ms', target: null }, ms.plan, reload),
      count(`reloads of an apply of ${files} files to 100 units`, '1', reloads[0]),
      count('reloads of an apply that changes nothing', '0', reloads[1]),
    ],
    notes: [
      `The kernel had the limit of ${limited} of 100 units when status was measured. "Without systemctl" is the same call with remembered answers of the manager: files and the kernel alone. Reloads are those that the manager itself logged; the peer's are one for each file, as they are written, not run.`,
    ],
  }
}
