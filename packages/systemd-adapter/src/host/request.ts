import type { LimitRequest } from '@worker-recycler/core'

/** Bytes, or in systemd's own words: `'2G'`, `'80%'` of the host's memory, `'infinity'`. */
export type LimitValue = number | string

/** The memory keys of a unit (systemd.resource-control(5)). */
export interface UnitLimits {
  /** `MemoryMax=`: beyond it the unit is killed. */
  readonly max?: LimitValue
  /** `MemoryHigh=`: beyond it the unit is throttled. */
  readonly high?: LimitValue
  /** `MemoryLow=`: below it memory is taken from others first. */
  readonly low?: LimitValue
  /** `MemoryMin=`: below it nothing is taken. */
  readonly min?: LimitValue
  /** `MemorySwapMax=`; without it a unit may grow into swap. */
  readonly swapMax?: LimitValue
}

/** When systemd starts a worker again. */
export interface RestartOptions {
  /** `Restart=`. Defaults to `on-failure`. */
  readonly policy?: 'on-failure' | 'always' | 'on-abnormal'
  /** The code by which a worker recycles: a success that is followed by a start. Defaults to 75. */
  readonly exitCode?: number
  /** `RestartSec=`. Defaults to 1 s. */
  readonly delayMs?: number
  /** `StartLimitBurst=` starts in `StartLimitIntervalSec=`. Defaults to 10 in 10 min. */
  readonly starts?: number
  readonly inMs?: number
  /** `RestartSteps=` up to `RestartMaxDelaySec=` (254). Defaults to 5 steps up to 60 s. */
  readonly steps?: number
  readonly maxDelayMs?: number
}

/** How systemd stops a worker. */
export interface StopOptions {
  /** `TimeoutStopSec=`: what a drain may take. Defaults to 90 s. */
  readonly timeoutMs?: number
  /** `KillMode=`. Defaults to `mixed`: only the main process hears of the stop. */
  readonly killMode?: 'mixed' | 'control-group' | 'process'
}

/** What is written for the worker's own ears. */
export interface PressureOptions {
  /** `MemoryPressureThresholdSec=` (254). Defaults to 150 ms. */
  readonly thresholdMs?: number
}

/** What is done after each end of the service, before its next start. */
export interface HookOptions {
  /** Where the program that writes death records is put. Defaults to `/usr/local/libexec/worker-recycler-death-record`. */
  readonly path?: string
  /** Where the records go. Defaults to `/run/worker-recycler/deaths`. */
  readonly spool?: string
  /**
   * A command as an argument list, run as the service's user when the record is there, e.g. `['/usr/bin/worker-recycler-redis', 'recover', '--from-systemd']`. Secrets belong into
   * `EnvironmentFile=` or `LoadCredential=` of the unit. Defaults to none.
   */
  readonly recover?: readonly string[]
  /** How long it may take. Defaults to 10 s. */
  readonly recoverMs?: number
}

/** What is asked of the host: limits, and what a worker that recycles needs around them. */
export interface SystemdRequest extends LimitRequest {
  /** A service, a template (`worker@.service`, for all its instances) or one instance. */
  readonly target: string
  /** Besides `softBytes` (high) and `hardBytes` (max). */
  readonly limits?: UnitLimits
  /** Limits of single instances, which replace the template's, key by key. */
  readonly overrides?: Readonly<Record<string, UnitLimits>>
  /** Instances to look at besides those that are found. */
  readonly instances?: readonly string[]
  /** `OOMPolicy=` (243). Defaults to `kill` where a limit is set: no half-dead worker. */
  readonly oomPolicy?: 'kill' | 'stop' | 'continue'
  readonly restart?: RestartOptions | false
  readonly stop?: StopOptions | false
  readonly pressure?: PressureOptions | false
  readonly hook?: HookOptions | false
  /** A line to systemd that needs no helper process (`OpenFile=`, 253). Defaults to false. */
  readonly notify?: boolean
  /** Two digits before the files' names. Defaults to 45: after a vendor's, before an administrator's. */
  readonly order?: string
  /** A limit below what is in use now is set all the same: the kernel kills at once. Defaults to false. */
  readonly belowUsage?: boolean
  /** Our files that somebody has changed are replaced all the same. Defaults to false. */
  readonly replaceEdited?: boolean
}
