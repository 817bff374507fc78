import { DEFAULTS } from '../choices.ts'

/** What `--help` prints. */
export const HELP: string = `Usage: npm create worker-recycler@latest [DIRECTORY] -- [options]

Writes a small project whose workers recycle: it runs at once. Asks for what is not given.

  DIRECTORY            where to; it must not exist yet, or be empty        (default ${DEFAULTS.directory})
      --queue WORD     where the jobs are                                  (default ${DEFAULTS.queue})
                         bullmq     in queues of BullMQ, on Redis or Valkey
                         redis      on Redis or Valkey
                         files      in a directory: needs no server
      --host WORD      what starts workers again, and may kill them        (default ${DEFAULTS.host})
                         systemd    a unit with an instance for each worker
                         container  a supervisor in an image for Docker or Kubernetes
                         none       a supervisor that you start
      --name NAME      the name in package.json          (default: that of the directory)
  -y, --yes            do not ask: take the defaults for what is not given
      --json           print what was written: { directory, name, queue, host, files }
  -h, --help           print this
  -v, --version        print the version

Exit codes: 0 written; 1 it could not be written; 2 for a mistake in the options; 130 cancelled. Nothing
is ever overwritten, and nothing is left behind where it was not written.

Examples:
  npm create worker-recycler@latest
  npm create worker-recycler@latest mailer -- --queue redis --host systemd
  npm create worker-recycler@latest mailer -- --yes
`
