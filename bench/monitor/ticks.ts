import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Findings } from '../harness/benchmark.ts'
import { figure, rounded } from '../harness/figure.ts'
import { endChild, messageOf } from './child.ts'
import { hostFiles, writeHost } from './fake-host.ts'
import type { TickCost } from './fixtures/tick-driver.ts'

/** Enough room that nothing is collected while allocations are counted. */
const HEAP_FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64']

/** What one sample costs, of our own code and with the files. */
export async function ticks(program: string, progress: (line: string) => void): Promise<Findings> {
  progress('cost of a sample')
  const root = mkdtempSync(join(tmpdir(), 'worker-recycler-host-'))
  writeHost(root, hostFiles(0.3))
  const child = fork(program, [root], { execArgv: HEAP_FLAGS })
  try {
    const costs = await messageOf<readonly TickCost[]>(child)
    return {
      figures: costs
        .slice(0, 1)
        .map(({ name, us }) =>
          figure({ name: `a sample, ${name}`, unit: 'us of CPU', target: '<= 10' }, [us]),
        ),
      tables: [
        {
          title: 'A sample, driven by hand without a pause',
          head: ['of', 'us of CPU', 'bytes allocated'],
          rows: costs.map(({ name, us, allocatedBytes }) => [
            name,
            rounded(us),
            Math.round(allocatedBytes),
          ]),
        },
      ],
    }
  } finally {
    await endChild(child)
    rmSync(root, { recursive: true, force: true })
  }
}
