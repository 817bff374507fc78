import { existsSync, readFileSync } from 'node:fs'
import type { Context } from '../../guest/context.ts'
import { PROGRAMS } from '../../guest/programs.ts'

/** Where its README puts the example. */
export const APP = '/opt/job-worker'
const LOG = '/var/lib/job-worker/jobs.log'
const MB = 2 ** 20

/** Near each other: what is held between the two stands almost still, which an emulated machine makes long. */
export const LIMITS_MB = { max: 200, high: 192 } as const
export const SIZES = ['--max', `${LIMITS_MB.max}M`, '--high', `${LIMITS_MB.high}M`] as const

/** The instances, and the queue of each. */
export const INSTANCES = {
  orchestrator: 'orchestrator',
  'worker-1': 'default',
  'worker-hosts-queue-1': 'hosts',
} as const
export type Instance = keyof typeof INSTANCES

export const unitOf = (instance: Instance): string => `job-worker@${instance}.service`

/** A line that a job left when it began or was done. */
export interface Note {
  readonly event: 'begins' | 'done'
  readonly name: string
  /** For the how manieth time it runs. */
  readonly run: number
  readonly instance: string
  readonly pid: string
}

/** What the jobs have left so far. */
export function notes(): readonly Note[] {
  if (!existsSync(LOG)) return []
  // What follows the last line's end is still being written.
  const lines = readFileSync(LOG, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const [event = '', name = '', run, instance = '', pid = ''] = line.split(' ')
    return { event: event as Note['event'], name, run: Number(run), instance, pid }
  })
}

/** Those of one event, of jobs whose name begins so. */
export const noted = (event: Note['event'], prefix: string): readonly Note[] =>
  notes().filter((note) => note.event === event && note.name.startsWith(prefix))

/** The example's programs, and those of the host that look at what they do. */
export interface Example {
  /** A program of its folder, with the Node.js of this machine in PATH, as the README starts it. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string>
  /** Enqueues so many jobs alike, `name-1` and so on. */
  readonly enqueue: (count: number, instance: Instance, work: object) => Promise<void>
  readonly redis: (...args: readonly string[]) => Promise<string>
  /** A property, as `systemctl show` has it. */
  readonly show: (instance: Instance, property: string) => Promise<string>
  /** A file of the cgroup of an instance. */
  readonly cgroup: (instance: Instance, file: string) => string
  /** What the journal has about an instance, in its own words and in systemd's. */
  readonly journal: (instance: Instance) => Promise<string>
}

/** The example, as installed on this machine. */
export function example({ run }: Context): Example {
  const start: Example['run'] = (program, ...args) => {
    const command = program.endsWith('.mjs') ? ['node', `${APP}/${program}`] : [`${APP}/${program}`]
    return run('env', [`PATH=${PROGRAMS}:/usr/sbin:/usr/bin:/sbin:/bin`, ...command, ...args])
  }
  return {
    run: start,
    enqueue: async (count, instance, work) => {
      await start('producer.mjs', `${count}`, INSTANCES[instance], JSON.stringify(work))
    },
    redis: async (...args) => (await run('redis-cli', args)).trim(),
    show: async (instance, property) =>
      (await run('systemctl', ['show', '--value', `-p${property}`, unitOf(instance)])).trim(),
    cgroup: (instance, file) =>
      readFileSync(
        `/sys/fs/cgroup/system.slice/system-job\\x2dworker.slice/${unitOf(instance)}/${file}`,
        'utf8',
      ).trim(),
    journal: (instance) =>
      run('journalctl', ['--no-pager', '--output=short-monotonic', `-u${unitOf(instance)}`]),
  }
}

/** A limit of an instance in MB, as the kernel has it. */
export const limitMb = (text: string): number => Number(text) / MB
