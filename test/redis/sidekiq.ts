import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startOwned, type OwnedProcess } from './owned-process.ts'
import { programPath } from './redis-binary.ts'

/** How the Ruby peer is started. */
export interface SidekiqOptions {
  /** The server, as `redis://127.0.0.1:6379`. */
  readonly url: string
  /** Names of queues in strict order, or `name,weight` to draw among them. Defaults to `default`. */
  readonly queues?: readonly string[]
  /** Threads that run jobs. Defaults to 1. */
  readonly concurrency?: number
  /** The Ruby file with the jobs; what it prints are lines of the process. */
  readonly app: string
  /** True to fetch with `ruby-gitlab-sidekiq-fetcher` instead of Sidekiq's own way. Defaults to false. */
  readonly reliable?: boolean
  /** True for the semi-reliable strategy of that package. Defaults to false. */
  readonly semi?: boolean
  /** Seconds that jobs may still run after a SIGTERM. Defaults to 25, as in Sidekiq. */
  readonly timeout?: number
  /**
   * More of Sidekiq's options: the fetcher knows `cleanup_interval` and `lease_interval`, in seconds, and
   * `max_retries_after_interruption`.
   */
  readonly options?: Readonly<Record<string, number | string | boolean>>
  readonly env?: Readonly<Record<string, string>>
}

/** A Sidekiq that dies with this process. */
export interface SidekiqProcess extends OwnedProcess {
  /** Resolves when it is about to fetch; rejects when it ends before. */
  readonly ready: Promise<void>
  /** Has it finish its jobs, or put them back, and end; resolves when it is gone. */
  stop(): Promise<void>
}

const boot = fileURLToPath(new URL('fixtures/boot-sidekiq.rb', import.meta.url))

/** A Ruby file with `EchoJob`, which prints `echo` and its argument, and `EndlessJob`. */
export const echoApp = fileURLToPath(new URL('fixtures/echo-app.rb', import.meta.url))

let looked: { readonly reason: string | undefined } | undefined

/** Why there are no Ruby peers here, for the title of what is skipped; undefined when there are. */
export function withoutSidekiq(): string | undefined {
  looked ??= { reason: lookForSidekiq() }
  return looked.reason
}

function lookForSidekiq(): string | undefined {
  const ruby = programPath('ruby')
  if (ruby === undefined || programPath('sidekiq') === undefined) {
    return 'ruby-sidekiq is not installed'
  }
  const check = "require 'sidekiq'; require 'sidekiq-reliable-fetch'"
  const { status } = spawnSync(ruby, ['-e', check], { stdio: 'ignore' })
  return status === 0 ? undefined : 'ruby-gitlab-sidekiq-fetcher is not installed'
}

/** Starts a Sidekiq. */
export async function startSidekiq(options: SidekiqOptions): Promise<SidekiqProcess> {
  const program = programPath('sidekiq')
  if (program === undefined) throw new Error(withoutSidekiq())
  const { url, queues = ['default'], concurrency = 1, app, timeout = 25 } = options
  const strategy = options.semi ? 'semi-reliable' : options.reliable ? 'reliable' : 'basic'
  const args = ['-r', boot, '-e', 'test', '-c', `${concurrency}`, '-t', `${timeout}`]
  const started = await startOwned(
    program,
    [...args, ...queues.flatMap((queue) => ['-q', queue])],
    {
      env: {
        ...process.env,
        REDIS_URL: url,
        KIT_APP: app,
        KIT_FETCH: strategy,
        KIT_OPTIONS: JSON.stringify(options.options ?? {}),
        ...options.env,
      },
    },
  )
  const ready = started.untilLine(/^sidekiq is ready$/).then(() => {})
  // Who does not await it sees the end in what it does await.
  ready.catch(() => {})
  return {
    ...started,
    ready,
    stop: async () => void (await started.kill('SIGTERM')),
  }
}

/** A job as Sidekiq's client writes it, to push to the left of `queue:NAME`. */
export function sidekiqJob(jobClass: string, args: readonly unknown[], queue = 'default'): string {
  const jid = crypto.randomUUID().replaceAll('-', '').slice(0, 24)
  const now = Date.now() / 1000
  const times = { created_at: now, enqueued_at: now }
  return JSON.stringify({ class: jobClass, args, queue, jid, retry: true, ...times })
}
