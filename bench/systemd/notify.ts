import type { BootedContainer } from '../../packages/systemd-adapter/test/container/kit/booted-container.ts'
import {
  NODE,
  PROGRAMS,
} from '../../packages/systemd-adapter/test/container/kit/booted-container.ts'
import {
  addUnits,
  service,
  writeInside,
} from '../../packages/systemd-adapter/test/container/kit/units.ts'
import type { Findings } from '../harness/benchmark.ts'
import { type Part, spread } from '../harness/spread.ts'
import type { Notified } from './fixtures/notifying-service.ts'

const UNIT = 'notifying.service'
const CONNECT = '/usr/local/libexec/with-descriptor'

/** What systemd 253 does for `OpenFile=`: it connects a datagram socket, and names its number. */
const WITH_DESCRIPTOR = `use Socket;
$^F = 255;
socket(my $manager, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
connect($manager, sockaddr_un($ENV{NOTIFY_SOCKET})) or die "connect: $!";
my $before = fileno($manager) - 3;
$ENV{LISTEN_PID} = $$;
$ENV{LISTEN_FDS} = $before + 1;
$ENV{LISTEN_FDNAMES} = ("none:" x $before) . "recycler-notify";
exec @ARGV or die "exec: $!";
`

/** What a message to the manager costs the worker, by each way. */
export async function notify(
  { container, journal }: BootedContainer,
  progress: (line: string) => void,
): Promise<Findings> {
  progress('messages to the manager')
  writeInside(container, CONNECT, WITH_DESCRIPTOR)
  const program = `${PROGRAMS.koffi}/notifying-service.mjs`
  await addUnits(container, {
    [UNIT]: service(
      `ExecStart=/usr/bin/perl ${CONNECT} ${NODE} ${program} ${UNIT}`,
      'NotifyAccess=all',
    ),
  })
  await container.run('systemctl', 'start', UNIT)
  const ended = journal.untilMessage(UNIT, /Deactivated successfully|Failed with result/)
  const { MESSAGE = '' } = await Promise.race([journal.untilMessage(UNIT, /^\{/), ended])
  if (!MESSAGE.startsWith('{')) throw new Error(await container.run('journalctl', '--unit', UNIT))
  const { ms, heard } = JSON.parse(MESSAGE) as Notified
  assertHeard(heard)
  const peer = { name: 'systemd-notify, a process each', values: ms['systemd-notify'] }
  const rows = (via: 'descriptor' | 'koffi', targets: Partial<Record<Part, string>>) =>
    spread({ name: `message by ${via}`, unit: 'ms' }, targets, ms[via], peer)
  return {
    figures: [...rows('descriptor', { p50: '<= 0.02' }), ...rows('koffi', {})],
    notes: [
      'systemd 252 has no OpenFile= (253): Perl connected the datagram socket of the descriptor, as 253 would, and became the worker.',
    ],
  }
}

function assertHeard(heard: Notified['heard']): void {
  const unheard = Object.entries(heard).filter(([via, status]) => status !== `by ${via}`)
  if (unheard.length === 0) return
  throw new Error(`The manager did not hear ${unheard.map(([via]) => via).join(', ')}`)
}
