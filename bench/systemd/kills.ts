import { readDeaths } from '../../packages/systemd-adapter/src/death/spool.ts'
import type { BootedContainer } from '../../packages/systemd-adapter/test/container/kit/booted-container.ts'
import { startHost } from '../../packages/systemd-adapter/test/container/kit/remote-host.ts'
import { addUnits, show } from '../../packages/systemd-adapter/test/container/kit/units.ts'
import type { Findings } from '../harness/benchmark.ts'
import { type Figure, figure, quantile } from '../harness/figure.ts'
import { paired } from '../harness/paired.ts'
import { spread } from '../harness/spread.ts'
import { sentAtMs, startedAtMs } from './kill-times.ts'

const ROUNDS = 30
const LIMIT_BYTES = 16 * 2 ** 20
const HOOKED = 'hooked.service'
const PLAIN = 'plain.service'
const DOORS = '/run/doors'

/** How the processes end: by the kernel at their limit, or, where it has none, by a signal. */
export type Ending = 'leak' | 'kill'

/** Waits until it is told how to end. */
const unitOf = (name: string) => `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh -c 'read -r how <${DOORS}/${name}; [ "$how" = leak ] && exec tail /dev/zero; kill -KILL $$$$'
Restart=always
RestartSec=0
MemoryMax=${LIMIT_BYTES}
`

/** From a death to the next main process, with our hook between them, and without. */
export async function kills(
  booted: BootedContainer,
  progress: (line: string) => void,
): Promise<Findings> {
  const { container } = booted
  progress(`${ROUNDS} deaths with and without the hook`)
  await container.run('mkdir', DOORS)
  await container.run('mkfifo', `${DOORS}/${HOOKED}`, `${DOORS}/${PLAIN}`)
  await addUnits(container, { [HOOKED]: unitOf(HOOKED), [PLAIN]: unitOf(PLAIN) })
  const host = await startHost(container)
  try {
    await host.apply(await host.plan({ target: HOOKED, hook: {} }))
    await container.run('systemctl', 'start', HOOKED, PLAIN)
    const limits = await Promise.all([host.status(HOOKED), host.status(PLAIN)])
    const isLimited = limits.flat().every(({ hardBytes }) => hardBytes === LIMIT_BYTES)
    const ending = isLimited ? 'leak' : 'kill'
    const outcome = await paired({
      ours: deathOf(booted, HOOKED, ending),
      peer: deathOf(booted, PLAIN, ending),
      rounds: ROUNDS,
    })
    const records = await readDeaths(HOOKED, `${container.root}/run/worker-recycler/deaths`)
    const byKernel = records.filter(({ oomKills = 0 }) => oomKills > 0).length
    return killFindings(outcome, ending, { all: records.length, byKernel })
  } finally {
    await host.stop()
    await container.run('systemctl', 'stop', HOOKED, PLAIN)
  }
}

/** Ends the main process of a unit, and gives the ms until systemd has started the next one. */
function deathOf({ container, journal }: BootedContainer, unit: string, ending: Ending) {
  let deaths = 0
  return async (): Promise<number> => {
    deaths += 1
    await container.run('sh', '-c', `echo ${ending} >${DOORS}/${unit}`)
    const died = await journal.untilMessage(unit, /Main process exited, .*status=9/, deaths)
    await journal.untilMessage(unit, /^Started /, deaths + 1)
    const shown = await show(container, unit, 'ExecMainStartTimestampMonotonic')
    return startedAtMs(shown) - sentAtMs(died)
  }
}

/** The figures of both sides, what the hook adds, and how the processes ended. */
export function killFindings(
  { ours, peer }: { readonly ours: readonly number[]; readonly peer: readonly number[] },
  ending: Ending,
  records: { readonly all: number; readonly byKernel: number },
): Findings {
  const what = ending === 'leak' ? 'OOM kill' : 'SIGKILL (no limit here)'
  const overhead = (part: string, share: number, target: string | null): Figure =>
    figure({ name: `${what}: the hook adds, ${part}`, unit: 'ms', target }, [
      quantile(ours, share) - quantile(peer, share),
    ])
  return {
    figures: [
      ...spread({ name: `${what} to new main process, with the hook`, unit: 'ms' }, {}, ours, {
        name: 'the same unit without a hook',
        values: peer,
      }),
      overhead('p50', 0.5, '< 10'),
      overhead('p95', 0.95, null),
    ],
    notes: [
      ending === 'leak'
        ? `Deaths are those of \`tail /dev/zero\` at MemoryMax=16M (cgroup v1), RestartSec=0: ${records.byKernel} of the ${records.all} newest records of the hook count an OOM kill. The time is from the manager's word that the process has exited to its start of the next one.`
        : 'MemoryMax= was not in force in the container (no cgroup v1 with memory), so the processes were ended by SIGKILL, not by the kernel at their limit.',
    ],
  }
}
