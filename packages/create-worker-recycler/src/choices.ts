/** Where the jobs of a project are. */
export const QUEUES = ['bullmq', 'redis', 'files'] as const

/** What starts its workers again, and may kill them. */
export const HOSTS = ['systemd', 'container', 'none'] as const

export type Queue = (typeof QUEUES)[number]
export type Host = (typeof HOSTS)[number]

/** What is to be written. */
export interface Choices {
  /** The name in package.json. */
  readonly name: string
  readonly queue: Queue
  readonly host: Host
}

/** What to take where somebody says `--yes`: it needs nothing but Node.js. */
export const DEFAULTS: { readonly directory: string; readonly queue: Queue; readonly host: Host } =
  { directory: 'my-workers', queue: 'files', host: 'none' }
