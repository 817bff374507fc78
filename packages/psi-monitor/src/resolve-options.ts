import { posix } from 'node:path'
import { inspect } from 'node:util'
import { type Logger, silentLogger } from '@worker-recycler/core'
import type { Limit } from './cgroup/limits.ts'
import type { Target } from './cgroup/locate.ts'
import { METRICS, type WorkingSet } from './cgroup/working-set.ts'
import { expectNumber, expectOneOf } from './expect.ts'
import type { LimitOption, PsiMonitorOptions } from './options.ts'
import type { Sampling } from './sampling.ts'
import { type PressureRequest, readPressureRequest } from './sources/pressure-request.ts'
import { parseTrigger, type StallThreshold } from './sources/trigger-text.ts'

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly sampling: Sampling
  readonly heap: boolean
  readonly thread: boolean
  readonly logger: Logger
}

const DEFAULT_NAME = 'psi'
const DEFAULT_THRESHOLD_MS = 200
const DEFAULT_WINDOW_MS = 2000
const DEFAULT_CALM_MS = 1000
const DEFAULT_CLOSE_MS = 50
/** The kernel's longest window (WINDOW_MAX_US). */
const LONGEST_WINDOW_MS = 10_000

/** Fills in defaults and validates. Throws a TypeError that names the option. */
export function resolveOptions(options: PsiMonitorOptions, hostBytes: number): ResolvedOptions {
  const { target = 'self', memoryMax, memoryHigh, root = '/', env = process.env } = options
  const watch = expectOneOf('memoryPressureWatch', options.memoryPressureWatch ?? 'auto', [
    'auto',
    'skip',
    'off',
  ])
  const request = requestFor(watch, env)
  const closeMs = expectNumber('closeMs', options.closeMs ?? DEFAULT_CLOSE_MS, 10)
  checkTarget(target)
  if (typeof root !== 'string' || !posix.isAbsolute(root)) {
    throw new TypeError(`Expected \`root\` to be an absolute path, got ${inspect(root)}`)
  }
  const isSelf = target === 'self'
  if (options.heap && !isSelf) {
    throw new TypeError('Expected no `heap` with a `target`: only the own heap can be read')
  }
  if (options.process && !isSelf) {
    throw new TypeError(
      'Expected no `process` with a `target`: it is measured beside the own cgroup',
    )
  }
  return {
    heap: options.heap ?? isSelf,
    thread: options.thread ?? false,
    logger: options.logger ?? silentLogger,
    sampling: {
      monitor: options.name ?? DEFAULT_NAME,
      target,
      workingSet: expectOneOf(
        'workingSet',
        options.workingSet ?? 'unreclaimable',
        Object.keys(METRICS) as WorkingSet[],
      ),
      threshold: thresholdFor(options, request),
      trigger: expectOneOf('trigger', options.trigger ?? 'auto', ['auto', 'on', 'off']),
      request,
      intervals: {
        closeMs,
        calmMs: expectNumber('calmMs', options.calmMs ?? DEFAULT_CALM_MS, closeMs),
      },
      ownLimits: [
        ...limitFrom('memoryHigh', memoryHigh, hostBytes),
        ...limitFrom('memoryMax', memoryMax, hostBytes),
      ],
      hostBytes,
      process: options.process ?? isSelf,
      root,
    },
  }
}

function requestFor(
  watch: 'auto' | 'skip' | 'off',
  env: Readonly<Record<string, string | undefined>>,
): PressureRequest {
  if (watch === 'auto') return readPressureRequest(env)
  return { kind: watch === 'off' ? 'off' : 'none' }
}

/** The kernel's rules for triggers, though most stalls are found without one: one rule for both. */
function thresholdFor(options: PsiMonitorOptions, request: PressureRequest): StallThreshold {
  const windowMs = expectNumber('windowMs', options.windowMs ?? DEFAULT_WINDOW_MS, 1)
  if (windowMs > LONGEST_WINDOW_MS) {
    throw new TypeError(
      `Expected \`windowMs\` to be at most 10000, got ${windowMs}: the kernel refuses longer windows with EINVAL`,
    )
  }
  const thresholdMs = expectNumber('thresholdMs', options.thresholdMs ?? DEFAULT_THRESHOLD_MS, 1)
  if (thresholdMs > windowMs) {
    throw new TypeError(
      `Expected \`thresholdMs\` to be at most \`windowMs\` (${windowMs}), got ${thresholdMs}: the kernel refuses it with EINVAL, as no stall is longer than its window`,
    )
  }
  const type = expectOneOf('type', options.type ?? 'some', ['some', 'full'])
  const own = { type, thresholdMs, windowMs }
  const asked = request.kind === 'watch' && request.write ? parseTrigger(request.write) : undefined
  return asked ?? own
}

function limitFrom(name: string, option: LimitOption | undefined, hostBytes: number): Limit[] {
  if (option === undefined) return []
  const heldBy = `the option \`${name}\``
  if (typeof option === 'number') return [{ bytes: expectNumber(name, option, 1), heldBy }]
  const share = /^(\d+(?:\.\d+)?)%$/.exec(option)?.[1]
  if (share === undefined || Number(share) <= 0) {
    throw new TypeError(
      `Expected \`${name}\` to be bytes or a share such as '80%', got ${inspect(option)}`,
    )
  }
  return [{ bytes: Math.floor((Number(share) / 100) * hostBytes), heldBy }]
}

function checkTarget(target: Target): void {
  if (target === 'self') return
  const { pid, cgroup }: { readonly pid?: number; readonly cgroup?: string } = { ...target }
  if (Number.isInteger(pid) && Number(pid) > 0) return
  if (typeof cgroup === 'string') {
    const isNormal = posix.isAbsolute(cgroup) && posix.normalize(cgroup) === cgroup
    if (isNormal && cgroup.length > 1 && !cgroup.endsWith('/')) return
  }
  throw new TypeError(
    `Expected \`target\` to be 'self', { pid } with a process id, or { cgroup } with the absolute path of its directory, got ${inspect(target)}`,
  )
}
