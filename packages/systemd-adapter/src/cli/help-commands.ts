import type { CommandName } from './options.ts'

const LIMITS = `Limits. SIZE is 2G, 500M (powers of 1024), bytes, 80% (of the host's memory), or infinity:

      --max SIZE             beyond it the unit is killed (MemoryMax)
      --high SIZE            beyond it the unit is throttled (MemoryHigh)
      --low SIZE, --min SIZE below it memory is taken from others first, or not at all
      --swap-max SIZE        how far it may grow into swap; 0 for not at all
      --instance NAME=SIZE   another --max for one instance of a template; can be repeated
      --instance NAME:LIMIT=SIZE   likewise high, low, min, swap-max
      --instance NAME        an instance that is not loaded yet is to be looked at, too
      --oom-policy WORD      kill, stop or continue                        (default kill)

For a worker that recycles:

      --recycle              restart it when it exits with 75 or fails, let it drain before it is killed:
                             --restart-policy on-failure and --stop-timeout 90s
      --restart-policy WORD  on-failure, always or on-abnormal
      --stop-timeout TIME    how long a drain may take: 90s, 2m
      --pressure             it hears of memory pressure (systemd 254)
      --pressure-threshold TIME   from so much stall in 2 s on              (default 150ms)
      --notify               a line to systemd without a helper process (systemd 253)
      --hook                 leave a record of each death
      --hook-path FILE       where its program is put
                             (default /usr/local/libexec/worker-recycler-death-record)
      --spool DIR            where the records go     (default /run/worker-recycler/deaths)
      --recover-command JSON run this after each death, as the service's user: a list,
                             and never a line for a shell

These options say all that is wanted: what an earlier apply set, and they leave out, is taken away.

      --order NN             before the files' names: a later name wins     (default 45)
      --below-usage          set a limit below what is in use: the kernel kills at once
      --replace-edited       replace our files that somebody has changed
`

const HOST = `      --user                 services of the user who runs this
      --runtime              until the next boot: /run instead of /etc
`

const IMAGE = `      --root DIR             the root of an image that is being built; no systemd is asked
      --systemd-version N    the one in the image, e.g. 257
      --cgroup v1|v2         the hierarchy it will run on                   (default v2)
`

/** What `--help` prints of each command. */
export const commandHelp: Readonly<Record<CommandName, string>> = {
  plan: `Usage: worker-recycler-systemd plan UNIT LIMITS [options]

Shows what \`apply\` would do: each file and its change, the values that would then be in force and the
files that they come from, the commands, and findings with what to do. Changes nothing.

${LIMITS}
Where:

${HOST}${IMAGE}      --json                 the plan: { request, files, effects, commands, findings, facts }

Exit codes: 0 can be applied, perhaps with warnings; 1 an error among the findings; 2 for a mistake.

Examples:
  worker-recycler-systemd plan worker@ --max 2G --instance worker-1=4G
  worker-recycler-systemd plan worker --max 2G --high 1700M --recycle --hook
  worker-recycler-systemd plan worker --max 2G --root ./image --systemd-version 257
`,
  apply: `Usage: worker-recycler-systemd apply UNIT LIMITS [options]

Without --yes it is the same as \`plan\`. With it all files are written or none, systemd reloads once,
and the kernel's values are read back for each unit that runs; where the reload did not bring them there,
they are set at once. Nothing is restarted. A receipt is kept, so that \`revert\` needs no other options.

      --yes                  I mean it
      --restart              restart running units, too, one after the other, until one fails
      --receipt FILE         where to keep the receipt
                             (default /var/lib/worker-recycler/systemd/UNIT.json)

${LIMITS}
Where:

${HOST}${IMAGE}      --json                 { applied, plan, reloads, units, notInForce, ended, ... }

Exit codes: 0 done, and in force; 1 refused, failed, not restarted, or not in force; 2 for a mistake.

Examples:
  worker-recycler-systemd apply worker@ --max 2G --instance worker-1=4G --yes
  worker-recycler-systemd apply worker@ --max 2G --yes --restart
  worker-recycler-systemd apply worker --max 2G --recycle --yes \\
    --recover-command '["/usr/bin/worker-recycler-redis","recover","--from-systemd"]'
`,
  revert: `Usage: worker-recycler-systemd revert UNIT [options]

Shows what would be taken back, and with --yes takes it back. By the receipt of \`apply\`, every file that
is still as it was written goes back to what it was before. Without one, those of our files go that
nobody has changed, as their first line proves. What somebody has changed is theirs, and is kept.

      --yes                  I mean it
      --receipt FILE         as given to \`apply\`
${HOST}${IMAGE}      --json                 { reverted, receipt, files, restored, kept, left }

Exit codes: 0 done, or nothing to do; 1 failed; 2 for a mistake in the options.

Examples:
  worker-recycler-systemd revert worker@
  worker-recycler-systemd revert worker@ --yes
`,
  status: `Usage: worker-recycler-systemd status [UNIT] [options]

Shows each unit with its memory against its limits as the kernel has them, restarts, and the last death
on record: a service, the loaded instances of a template, or by default all that were given limits here.

      --watch                again and again, until Ctrl-C
      --interval TIME        how often                                      (default 2s)
      --user                 services of the user who runs this
      --spool DIR            where death records are             (default /run/worker-recycler/deaths)
      --json                 { atEpochMs, units: [{ target, state, usedBytes, hardBytes, deaths, ... }] }

Exit codes: 0 done; 1 failed; 2 for a mistake in the options.

Examples:
  worker-recycler-systemd status
  worker-recycler-systemd status worker@ --watch
`,
  explain: `Usage: worker-recycler-systemd explain UNIT [options]

Says for each unit and memory key which line of which file gives the value, which lines it defeats and
which systemd ignores, and in which order the files are read. Changes nothing.

      --user                 a service of the user who runs this
${IMAGE}      --json                 [{ unit, limits, resolution, facts, version }]

Exit codes: 0 done; 1 there is no such unit; 2 for a mistake in the options.

Examples:
  worker-recycler-systemd explain worker@1
  worker-recycler-systemd explain worker@ --json
`,
  doctor: `Usage: worker-recycler-systemd doctor [UNIT] [options]

Says what the systemd that runs here can do for a worker and what not, whether you may apply, and, of a
UNIT, what is wrong with its limits as they are, whoever has set them. Changes nothing.

${HOST}${IMAGE}      --json                 { ok, version, hierarchy, features, permission, unit, findings }

Exit codes: 0 fit, perhaps with warnings; 1 an error among the findings; 2 for a mistake in the options.

Examples:
  worker-recycler-systemd doctor
  worker-recycler-systemd doctor worker@
`,
  deaths: `Usage: worker-recycler-systemd deaths UNIT [options]

Shows how a unit, or each instance of a template, ended: when, why, and with how much memory at most. The
hook writes the records (apply --hook); the last 32 of each unit are kept, until the next boot.

      --follow               go on with each one that comes, until Ctrl-C
      --spool DIR            where the records are               (default /run/worker-recycler/deaths)
      --json                 a line for each: { unit, invocation, cause, result, exitStatus, ... }

Exit codes: 0 done; 1 failed; 2 for a mistake in the options.

Examples:
  worker-recycler-systemd deaths worker@1
  worker-recycler-systemd deaths worker@ --follow --json
`,
  'polkit-rule': `Usage: worker-recycler-systemd polkit-rule --user NAME UNIT...

Prints the rule by which a worker that runs as user NAME may raise the limits of these services for the
time of a drain, and may do nothing else. Its first line says where it goes. Changes nothing.

Exit codes: 0 done; 2 for a mistake in the options.

Examples:
  worker-recycler-systemd polkit-rule --user worker worker@ \\
    | sudo tee /etc/polkit-1/rules.d/50-worker-recycler-worker.rules
`,
}
