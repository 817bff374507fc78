import type { CommandName } from './options.ts'

const OVERVIEW = `Usage: worker-recycler-redis COMMAND [options]

Looks after queues of @worker-recycler/redis-fetch on Redis or Valkey.

  status       queues, workers, what they hold and for how long
  recover      put back what a dead worker held
  adopt        put back lists of workers that are registered nowhere
  quarantine   jobs that interrupted their workers too often: list, show, release, discard
  dead         jobs that failed too often: list, show, release, discard
  enqueue      add a job
  doctor       whether jobs are safe on this server

Each has a --help of its own. These options are for all of them:

      --url URL            redis://host:port/db, or rediss:// for TLS; without a password
      --url-file FILE      a file that holds the URL, with its password; not readable by everybody
      --sentinel HOST:PORT a Sentinel instead; can be repeated
      --sentinel-name NAME what the Sentinels call the primary
      --cluster HOST:PORT  a Cluster instead; can be repeated
      --password-file FILE the password; the user is in REDIS_USERNAME
      --tls                TLS, where no rediss:// URL says so
      --tls-ca FILE        TLS, and the certificate to trust, in PEM
      --layout NAME        native or sidekiq                              (default native)
      --prefix TEXT        as the workers have it                         (default wr, sidekiq: none)
      --timeout TIME       for the server's answer: 500ms, 10s, 1m        (default 10s)
      --json               for programs: one line of JSON on standard output
  -h, --help               print this
  -v, --version            print the version

Without an option for the server it is taken from WORKER_RECYCLER_REDIS_URL, from the systemd
credential redis-url, from REDIS_URL; else it is 127.0.0.1:6379. Passwords come from a file or from
REDIS_PASSWORD (REDIS_SENTINEL_PASSWORD for the Sentinels), never from the command line, which everybody
on the host can read.

Exit codes: 0 done, 1 failed or not found, 2 for a mistake in the options.
`

const SEE = 'Options for the server: worker-recycler-redis --help\n'

const STOPPED = (name: string, jobs: string): string =>
  `Usage: worker-recycler-redis ${name} list | show ID | release ID... | discard ID... [options]

${jobs}

  list       the newest first
  show       one with its payload
  release    back into its queue with a clean record
  discard    gone for good

      --queue NAME   of this queue only
      --limit N      list at most so many                                (default 100)
      --all          release or discard all of --queue; needs --yes
      --yes          I mean it
      --json         list: { jobs, more }; show: the job; else: { released or discarded, missing }

Exit codes: 0 done, 1 when there is no job of one of the ids, 2 for a mistake in the options.
${SEE}`

const HELP: Readonly<Record<CommandName, string>> = {
  status: `Usage: worker-recycler-redis status [options]

Shows queues, workers and the jobs that they hold, the keeper, orphans (workers whose lease has run
out, or which are being recovered) and the quarantine.

      --watch           again and again, until Ctrl-C
      --interval TIME   how often                                        (default 2s)
      --json            { atEpochMs, layout, queues, workers, keeper, orphans, quarantine, shared }

States of a worker: working, leaving, stalled (its event loop is blocked), lost, recovering.
${SEE}`,
  recover: `Usage: worker-recycler-redis recover --invocation ID | --from-systemd | --identity ID | --dead
       [options]

Puts back what a dead worker held: at once by its name, on your word that its process is gone; or,
with --dead, after watching for one lease time, what those held that did not renew. Running it again
does nothing.

      --invocation ID        the last part of the identity; systemd's INVOCATION_ID
      --from-systemd         the INVOCATION_ID of the environment: for ExecStopPost=
      --identity ID          HOST:PID:INVOCATION
      --dead                 whoever does not renew
      --lease TIME           at least the longest lease of the workers   (default 12s)
      --cause NAME           memory, signal, crash, recycle, stop, unknown
                             (default by systemd's SERVICE_RESULT and EXIT_STATUS, else unknown)
      --max-interruptions N  as the workers have it                      (default 3)
      --json                 { cause, recovered: [{ id, name, from, to }] }

memory, signal, crash and unknown count as an interruption of the jobs, recycle and stop do not.
Exit codes: 0 done, or nothing to do; 1 failed; 2 for a mistake in the options.
${SEE}`,
  quarantine: STOPPED('quarantine', 'Jobs that interrupted their workers too often.'),
  dead: STOPPED('dead', 'Jobs that failed too often.'),
  enqueue: `Usage: worker-recycler-redis enqueue NAME [PAYLOAD] [options]

Adds a job, and prints its id. PAYLOAD is JSON, by default null; in the sidekiq layout a list.

      --queue NAME   (default default)
      --delay TIME   not before: 30s, 2h
      --id ID        refuse it while a job of this id is there: the call can be repeated
      --json         { id, outcome: enqueued or duplicate }

${SEE}`,
  adopt: `Usage: worker-recycler-redis adopt [options]

Puts back the lists of workers that are registered nowhere, and that nobody has touched for 30 s: of
other programs, or left over when a registration was lost. Looks through the whole database (SCAN).

      --max-interruptions N  as the workers have it                      (default 3)
      --json                 { recovered: [{ id, name, from, to }] }

${SEE}`,
  doctor: `Usage: worker-recycler-redis doctor [options]

Says whether jobs are safe on this server, and how to mend what is not: version, role, eviction,
Cluster, clock, and what the ACL user may do. Changes nothing.

      --json   { ok, layout, servers, findings: [{ code, severity, message }] }

Exit codes: 0 fit, perhaps with warnings; 1 when there is an error.
${SEE}`,
}

/** What `--help` prints, of one command or of all. */
export function helpOf(command?: CommandName): string {
  return command === undefined ? OVERVIEW : HELP[command]
}
