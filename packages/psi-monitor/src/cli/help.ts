import type { CommandName } from './options.ts'

const TARGET = `      --unit UNIT        a unit of systemd; .service is added; with --user of the user manager
      --pid PID          a process, by its cgroup
      --cgroup DIR       a cgroup, by its directory
`

const COMMON = `      --working-set SET  what counts as used: unreclaimable, kubelet, rss   (default unreclaimable)
      --memory-max SIZE  a limit besides those that are found
      --memory-high SIZE likewise
      --root DIR         stands before every path, e.g. /host               (default /)
`

const SIZES = `SIZE is a number of bytes, or 512M, 2G (powers of 1024), or 80%: of the host's memory.
`

const OVERVIEW = `Usage: worker-recycler-psi COMMAND [TARGET] [options]

Shows what @worker-recycler/psi-monitor can measure of a worker's memory, and what it measures.

  doctor   which sources can be had, what governs, and what could be better
  watch    usage against the limit, stalls, events and the time to the limit, live

Each has a --help of its own. TARGET is one of these, by default the own cgroup:

${TARGET}
These options are for both:

${COMMON}      --json             for programs
  -h, --help             print this
  -v, --version          print the version

${SIZES}Exit codes: 0 done, 1 failed or not found, 2 for a mistake in the options.
`

const HELP: Readonly<Record<CommandName, string>> = {
  doctor: `Usage: worker-recycler-psi doctor [TARGET] [options]

Says of each source of readings whether it can be had and why not; then what is measured, which limit
governs and which file holds it, and what warns before that limit. Changes nothing.

${TARGET}
${COMMON}      --json             { ok, target, sources, reading, warnings, advice }

Without a target it is about the cgroup that it runs in, which is that of your shell.
${SIZES}
Exit codes: 0 memory is measured, and something warns early; 1 nothing can be measured, nothing would
warn, or the target is not there; 2 for a mistake in the options.

Examples:
  worker-recycler-psi doctor --unit worker@1
  worker-recycler-psi doctor --unit worker.service --user --json
  worker-recycler-psi doctor --pid 4711 --memory-max 2G
`,
  watch: `Usage: worker-recycler-psi watch [TARGET] [options]

Shows usage against the limit, stalls, events, growth and the time to the limit: in a terminal as
charts in their place, elsewhere as a line for each reading; until Ctrl-C, or until the target is gone.
A stall is the share of time in which some task, or all, stood still for want of memory (PSI).

${TARGET}
      --interval TIME    a reading at least so often: 500ms, 1s, 1m         (default 1s)
                         more often near the limit, and while tasks stand still
${COMMON}      --json             a line for each reading: { epochMs, target, metric, usedBytes, ..., forecast }

${SIZES}
Exit codes: 0 interrupted; 1 the target is gone or not there; 2 for a mistake in the options.

Examples:
  worker-recycler-psi watch --unit worker@1
  worker-recycler-psi watch --pid 4711 --memory-high 80%
  worker-recycler-psi watch --cgroup /sys/fs/cgroup/system.slice/worker.service --json
`,
}

/** What `--help` prints, of one command or of all. */
export function helpOf(command?: CommandName): string {
  return command === undefined ? OVERVIEW : HELP[command]
}
