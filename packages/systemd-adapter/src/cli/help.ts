import { commandHelp } from './help-commands.ts'
import type { CommandName } from './options.ts'

const OVERVIEW = `Usage: worker-recycler-systemd COMMAND [UNIT] [options]

Sets memory limits of services by systemd drop-ins, and proves that they are in force.

  plan         what would be written, what would then be in force, and what is in the way
  apply        the same; with --yes it is done, and read back from the kernel
  revert       takes back what was applied, and nothing of anybody else
  status       units: state, memory against limits, restarts, deaths
  explain      which file gives a unit each of its limits, and which files it defeats
  doctor       what this systemd can do, whether you may apply, what is wrong with a unit
  deaths       how a unit ended, each time
  polkit-rule  prints the rule by which a worker may raise its own limits

Each has a --help of its own. UNIT is a service, an instance such as worker@1, or a template such as
worker@ for all its instances; .service is added. plan, explain, status, doctor, and apply and revert
without --yes change nothing.

  -h, --help     print this
  -v, --version  print the version

Exit codes: 0 done; 1 failed, refused, not in force, or an error among the findings; 2 for a mistake in
the options.

What takes five steps by hand takes one here:

  1. mkdir /etc/systemd/system/worker@.service.d
  2. a file in there with [Service], MemoryAccounting=yes and MemoryLimit=2G
  3. the same for worker@1.service, which is to have more; and its file must have the same name
  4. systemctl daemon-reload
  5. systemctl restart worker@1 worker@2, and systemctl status to see whether it is so

  worker-recycler-systemd apply worker@ --max 2G --instance 1=4G --yes --restart
`

/** What `--help` prints, of one command or of all. */
export function helpOf(command?: CommandName): string {
  return command === undefined ? OVERVIEW : commandHelp[command]
}
