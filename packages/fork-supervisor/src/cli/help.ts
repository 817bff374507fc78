/** What `--help` prints. */
export const HELP = `Usage: worker-recycler-fork [options] script.js [-- arguments of the script]

Runs a script as one or more workers: limits their memory, recycles and restarts them.

  -w, --workers N        how many workers                                   (default 1)
      --soft SIZE        ask a worker to recycle from here on               (default none)
      --hard SIZE        kill a worker from here on                         (default none)
      --stop TIME        from a stop request to SIGKILL: 500ms, 30s, 2m     (default 30s)
      --stop-ms N        the same in milliseconds
      --max-extend TIME  how much longer a worker may ask that to be        (default 0s)
      --overlap          start the replacement while the old worker still finishes its jobs
      --max-recycling N  how many may recycle at once                       (default 1/4 of them)
      --node-arg ARG     an argument for Node.js itself; can be repeated
      --no-guard         no guard process (which ends the workers should this one be killed)
      --json             one event a line on standard output; workers then write to standard error
  -h, --help             print this
  -v, --version          print the version

SIZE is a number of bytes, or 512K, 512M, 2G (powers of 1024), or 75%: of the memory of this
container or host, divided by the number of workers. It is compared with memory that the kernel
cannot take back (anonymous, shared, swapped), not with page cache.

The first SIGINT or SIGTERM asks the workers to stop, a second one to hurry, a third one kills them.
Exit codes: 0 after a stop, 1 when no worker could be kept running, 2 for a mistake in the options.

Examples:
  worker-recycler-fork worker.js
  worker-recycler-fork --workers 4 --soft 75% --hard 90% worker.js
  worker-recycler-fork --soft 400M --hard 500M --overlap --json worker.js -- --queue mails
`
