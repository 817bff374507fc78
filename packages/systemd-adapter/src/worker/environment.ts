import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { RecyclerError } from '@worker-recycler/core'

/** The variables that systemd sets for a service. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a service knows of itself (systemd.exec(5)). */
export interface ServiceFacts {
  readonly unit: string
  /** `$INVOCATION_ID`: 32 hex digits. */
  readonly invocation: string
  /** The unit's cgroup below the root of the hierarchy: what systemd limits. */
  readonly controlGroup: string
  /** The service belongs to a user's manager. */
  readonly isUser: boolean
}

/** Whether systemd started this process as a service, and `systemdEnforcer` works in it. */
export function isSystemdService(env: Environment = process.env, cgroupText?: string): boolean {
  return serviceIn(env, cgroupText) !== undefined
}

/**
 * Reads who this is from `$INVOCATION_ID` and `/proc/self/cgroup`. Throws NO_SUPERVISOR in a process
 * that systemd did not start as a service.
 */
export function readService(env: Environment, cgroupText?: string): ServiceFacts {
  const service = serviceIn(env, cgroupText)
  if (service) return service
  throw new RecyclerError(
    'NO_SUPERVISOR',
    '[systemd-adapter] systemd did not start this process as a service: start it by its unit, or choose another enforcer where `isSystemdService()` is false',
  )
}

function serviceIn(env: Environment, cgroupText = ownCgroup()): ServiceFacts | undefined {
  const invocation = env['INVOCATION_ID']
  const controlGroup = unitGroupIn(controlGroupIn(cgroupText) ?? '')
  if (invocation === undefined || !/^[0-9a-f]{32}$/.test(invocation)) return undefined
  if (controlGroup === undefined) return undefined
  const isUser = /\/user@\d+\.service\//.test(controlGroup)
  return { unit: unitOf(controlGroup), invocation, controlGroup, isUser }
}

/** Empty where there is no such file: elsewhere than on Linux. */
function ownCgroup(): string {
  try {
    return readFileSync('/proc/self/cgroup', 'utf8')
  } catch {
    return ''
  }
}

/** Of cgroup v2, or of the hierarchy by which systemd tracks services on v1. */
function controlGroupIn(text: string): string | undefined {
  const line = /^\d+:name=systemd:(\/.+)$/m.exec(text) ?? /^0::(\/.+)$/m.exec(text)
  return line?.[1]
}

/**
 * The cgroup of the innermost unit, if that is a service: a worker may have moved into a cgroup of its
 * own below it, and a terminal is a scope, though below `user@1000.service` and with an
 * `$INVOCATION_ID` that it has inherited.
 */
function unitGroupIn(controlGroup: string): string | undefined {
  const parts = controlGroup.split('/')
  const index = parts.findLastIndex((part) => /\.(?:service|scope)$/.test(part))
  return parts[index]?.endsWith('.service') ? parts.slice(0, index + 1).join('/') : undefined
}

/** systemd puts a `_` before a name that would be one of the kernel's, as `memory.service`, or has one. */
function unitOf(controlGroup: string): string {
  const name = posix.basename(controlGroup)
  return name.startsWith('_') ? name.slice(1) : name
}
