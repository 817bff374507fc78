import { writeSync } from 'node:fs'
import type { CallOptions } from '@worker-recycler/core'
import { runCommand } from '../transport/run-command.ts'
import type { Environment } from './environment.ts'
import { koffiSender } from './koffi-sender.ts'

/** The worker's voice to its manager (sd_notify(3)). */
export interface Notifier {
  /** How it speaks: `descriptor`, `koffi`, `systemd-notify`, or `none`. */
  readonly via: 'descriptor' | 'koffi' | 'systemd-notify' | 'none'
  /** Why it is not a better one; for people. */
  readonly reason: string
  /** Sends assignments such as `READY=1`. Rejects when they could not be sent. */
  readonly send: (lines: readonly string[], call: CallOptions) => Promise<void>
}

/** The name that the drop-in gives to the descriptor. */
const DESCRIPTOR_NAME = 'recycler-notify'
const FIRST_DESCRIPTOR = 3

/**
 * Chooses the cheapest way that is there: a descriptor that systemd connected (`OpenFile=`, 253), libc
 * through koffi where the application has it, the command `systemd-notify`, or none.
 */
export async function openNotifier(env: Environment, pid: number): Promise<Notifier> {
  const descriptor = descriptorIn(env, pid)
  if (descriptor !== undefined) {
    return {
      via: 'descriptor',
      reason: 'systemd passed a connected descriptor',
      send: async (lines) => void writeSync(descriptor, `${lines.join('\n')}\n`),
    }
  }
  const socket = env['NOTIFY_SOCKET']
  if (socket === undefined || socket === '') {
    const reason = '$NOTIFY_SOCKET is not set: the unit needs Type=notify or NotifyAccess='
    return { via: 'none', reason, send: async () => {} }
  }
  const direct = await koffiSender(socket)
  if (direct) {
    return {
      via: 'koffi',
      reason: 'systemd passed no descriptor (OpenFile=, 253); koffi is there',
      send: async (lines) => direct(`${lines.join('\n')}\n`),
    }
  }
  return {
    via: 'systemd-notify',
    reason: 'systemd passed no descriptor (OpenFile=, 253), and koffi is not installed',
    send: notifyByCommand,
  }
}

/** Twice, if need be: at a stop systemd may send SIGTERM to all processes of the unit, and so to this one. */
async function notifyByCommand(lines: readonly string[], call: CallOptions): Promise<void> {
  try {
    await runCommand('systemd-notify', lines, call)
  } catch (error) {
    if (!wasTerminated(error)) throw error
    await runCommand('systemd-notify', lines, call)
  }
}

function wasTerminated(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  if (!(cause instanceof Error && 'signal' in cause && 'killed' in cause)) return false
  return cause.signal === 'SIGTERM' && cause.killed !== true
}

/** Meant for this very process, and of this very name: another descriptor could be anything. */
function descriptorIn(env: Environment, pid: number): number | undefined {
  if (env['LISTEN_PID'] !== String(pid)) return undefined
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':')
  const index = names.indexOf(DESCRIPTOR_NAME)
  const count = Number(env['LISTEN_FDS'])
  return index === -1 || !(index < count) ? undefined : FIRST_DESCRIPTOR + index
}
