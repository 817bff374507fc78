import type { ChildProcess } from 'node:child_process'
import {
  type Clock,
  type Logger,
  silentLogger,
  systemClock,
  type WatchIntervals,
} from '@worker-recycler/core'
import type { OnDeath } from './death/tell-death.ts'
import type { WorkerRef } from './events.ts'
import type { LimitBytes } from './memory/judge-memory.ts'
import type { ReadMemory } from './memory/read-memory.ts'
import { atLeast, expectation, share, wholeFrom } from './option-checks.ts'
import type { ForkSupervisorOptions, HeadroomCap, LimitOptions, WorkerOutput } from './options.ts'
import type { BackOff } from './restart/back-off.ts'
import type { RestartBreaker } from './restart/restart-breaker.ts'

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly script: string
  readonly args: readonly string[]
  readonly execArgv: readonly string[]
  readonly execPath: string
  readonly cwd: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdio: WorkerOutput
  readonly workers: number
  readonly limits: LimitBytes
  readonly stopMs: number
  readonly maxExtendMs: number
  readonly headroom: Required<HeadroomCap>
  readonly helloMs: number
  readonly deferMs: number
  readonly recycleIntervalMs: number
  readonly overlap: boolean
  readonly maxRecycling: number
  readonly backoff: BackOff
  readonly breaker: RestartBreaker | false
  readonly onDeath: OnDeath
  readonly onDeathMs: number
  readonly readMemory: ReadMemory | undefined
  readonly watch: WatchIntervals
  readonly onSpawn: (child: ChildProcess, worker: WorkerRef) => void
  readonly guard: boolean
  readonly host: { readonly proc: string; readonly cgroup: string; readonly shell: string }
  readonly logger: Logger
  readonly clock: Clock
}

const DEFAULT_STOP_MS = 30_000
const DEFAULT_SOFT_SHARE = 0.8
const DEFAULT_HARD_SHARE = 0.92
const DEFAULT_HELLO_MS = 60_000
const DEFAULT_DEFER_MS = 600_000
const DEFAULT_RECYCLE_INTERVAL_MS = 60_000
const DEFAULT_ON_DEATH_MS = 2000
const DEFAULT_RECYCLING_SHARE = 0.25
const DEFAULT_WATCH: WatchIntervals = { calmMs: 1000, closeMs: 100 }
const DEFAULT_BACKOFF: BackOff = {
  baseMs: 500,
  factor: 2,
  maxMs: 30_000,
  jitter: 0.5,
  resetMs: 30_000,
}
const DEFAULT_BREAKER: RestartBreaker = { deaths: 5, windowMs: 300_000 }

/** Checks the options and fills in the defaults. Throws a TypeError that names the option. */
export function resolveOptions(options: ForkSupervisorOptions): ResolvedOptions {
  if (typeof options.script !== 'string' || options.script === '') {
    throw expectation('script', 'to be the path of a program', options.script)
  }
  const workers = wholeFrom(1, 'workers', options.workers ?? 1)
  const stopMs = atLeast(1, 'stopMs', options.stopMs ?? DEFAULT_STOP_MS)
  const quarter = Math.max(1, Math.floor(workers * DEFAULT_RECYCLING_SHARE))
  const { restart = {}, host = {} } = options
  return Object.freeze({
    script: options.script,
    args: options.args ?? [],
    execArgv: options.execArgv ?? process.execArgv,
    execPath: options.execPath ?? process.execPath,
    cwd: options.cwd,
    env: options.env ?? {},
    stdio: options.stdio ?? 'inherit',
    workers,
    limits: resolveLimits(options.limits ?? {}),
    stopMs,
    maxExtendMs: atLeast(0, 'maxExtendMs', options.maxExtendMs ?? 0),
    headroom: {
      maxBytes: atLeast(0, 'headroom.maxBytes', options.headroom?.maxBytes ?? 0),
      maxMs: atLeast(0, 'headroom.maxMs', options.headroom?.maxMs ?? stopMs),
    },
    helloMs: atLeast(0, 'helloMs', options.helloMs ?? DEFAULT_HELLO_MS),
    deferMs: atLeast(0, 'deferMs', options.deferMs ?? DEFAULT_DEFER_MS),
    recycleIntervalMs: atLeast(
      0,
      'recycleIntervalMs',
      options.recycleIntervalMs ?? DEFAULT_RECYCLE_INTERVAL_MS,
    ),
    overlap: options.overlap ?? false,
    maxRecycling: wholeFrom(1, 'maxRecycling', options.maxRecycling ?? quarter),
    backoff: resolveBackOff(restart.backoff ?? {}),
    breaker: resolveBreaker(restart.breaker ?? {}),
    onDeath: callable('onDeath', options.onDeath) ?? (() => {}),
    onDeathMs: atLeast(0, 'onDeathMs', options.onDeathMs ?? DEFAULT_ON_DEATH_MS),
    readMemory: callable('readMemory', options.readMemory),
    watch: resolveWatch(options.watch ?? {}),
    onSpawn: callable('onSpawn', options.onSpawn) ?? (() => {}),
    guard: options.guard ?? true,
    host: {
      proc: host.proc ?? '/proc',
      cgroup: host.cgroup ?? '/sys/fs/cgroup',
      shell: host.shell ?? '/bin/sh',
    },
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
  })
}

function resolveLimits(limits: LimitOptions): LimitBytes {
  const resolved = 'limitBytes' in limits ? sharesOf(limits) : limits
  const { softBytes, hardBytes } = resolved
  if (softBytes !== undefined) atLeast(1, 'limits.softBytes', softBytes)
  if (hardBytes !== undefined) atLeast(1, 'limits.hardBytes', hardBytes)
  if (softBytes !== undefined && hardBytes !== undefined && softBytes >= hardBytes) {
    throw expectation('limits.softBytes', `to be below the hard limit (${hardBytes})`, softBytes)
  }
  return resolved
}

function sharesOf(limits: Extract<LimitOptions, { limitBytes: number }>): LimitBytes {
  const limitBytes = atLeast(1, 'limits.limitBytes', limits.limitBytes)
  const soft = share('limits.soft', limits.soft ?? DEFAULT_SOFT_SHARE)
  const hard = share('limits.hard', limits.hard ?? DEFAULT_HARD_SHARE)
  return { softBytes: Math.floor(limitBytes * soft), hardBytes: Math.floor(limitBytes * hard) }
}

function resolveBackOff(given: Partial<BackOff>): BackOff {
  const backoff = { ...DEFAULT_BACKOFF, ...given }
  atLeast(0, 'restart.backoff.baseMs', backoff.baseMs)
  atLeast(1, 'restart.backoff.factor', backoff.factor)
  atLeast(0, 'restart.backoff.maxMs', backoff.maxMs)
  share('restart.backoff.jitter', backoff.jitter)
  atLeast(0, 'restart.backoff.resetMs', backoff.resetMs)
  return backoff
}

function resolveBreaker(given: Partial<RestartBreaker> | false): RestartBreaker | false {
  if (given === false) return false
  const breaker = { ...DEFAULT_BREAKER, ...given }
  wholeFrom(1, 'restart.breaker.deaths', breaker.deaths)
  atLeast(1, 'restart.breaker.windowMs', breaker.windowMs)
  return breaker
}

function resolveWatch(given: Partial<WatchIntervals>): WatchIntervals {
  const watch = { ...DEFAULT_WATCH, ...given }
  atLeast(1, 'watch.closeMs', watch.closeMs)
  atLeast(watch.closeMs, 'watch.calmMs', watch.calmMs)
  return watch
}

function callable<T>(name: string, value: T | undefined): T | undefined {
  if (value !== undefined && typeof value !== 'function') {
    throw expectation(name, 'to be a function', value)
  }
  return value
}
