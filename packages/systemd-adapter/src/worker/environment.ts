import { readFileSync } from 'node:fs'
import { RecyclerError } from '@worker-recycler/core'

/** The variables that systemd sets for a service. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a service knows of itself (systemd.exec(5)). */
export interface ServiceFacts {
  readonly unit: string
  /** `$INVOCATION_ID`: 32 hex digits. */
  readonly invocation: string
  /** Its cgroup below the root of the hierarchy. */
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
  const controlGroup = controlGroupIn(cgroupText)
  const unit = controlGroup && unitIn(controlGroup)
  if (invocation === undefined || !/^[0-9a-f]{32}$/.test(invocation)) return undefined
  if (controlGroup === undefined || unit === undefined) return undefined
  return { unit, invocation, controlGroup, isUser: /\/user@\d+\.service\//.test(controlGroup) }
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
 * The innermost unit, if that is a service: a worker may have moved into a cgroup of its own below it,
 * and a terminal is a scope, though below `user@1000.service` and with an `$INVOCATION_ID` that it has
 * inherited. systemd puts a `_` before a name that would be one of the kernel's, such as
 * `memory.service`, or begins with `_` itself.
 */
function unitIn(controlGroup: string): string | undefined {
  const name = controlGroup.split('/').findLast((part) => /\.(?:service|scope)$/.test(part))
  if (!name?.endsWith('.service')) return undefined
  return name.startsWith('_') ? name.slice(1) : name
}
