import { type CallOptions, RecyclerError } from '@worker-recycler/core'
import type { Scope } from '../host/lookup-path.ts'
import type { Manager, Properties } from './manager.ts'
import { runCommand } from './run-command.ts'

/** Nobody is there to type a password, or to page through the output. */
const ALWAYS = ['--no-ask-password', '--no-pager']
const NO_LIMIT_MS = 0

/** The manager by way of `systemctl`: no shell, no parsing of what is meant for people. */
export function systemctl(scope: Scope): Manager {
  const words = [...ALWAYS, ...(scope === 'user' ? ['--user'] : [])]
  const run = (args: readonly string[], call: CallOptions, answerMs?: number) =>
    runCommand('systemctl', [...words, ...args], call, answerMs)
  return {
    // Without `--value`, which came with 230.
    version: async (call) => parseVersion(await run(['show', '--property=Version'], call)),
    list: async (pattern, call) => {
      const args = ['list-units', '--all', '--full', '--plain', '--no-legend', '--', pattern]
      return parseList(await run(args, call))
    },
    show: async (units, properties, call) => {
      if (units.length === 0) return new Map()
      const asked = ['Id', 'Names', ...properties].join(',')
      return parseShow(await run(['show', `--property=${asked}`, '--', ...units], call))
    },
    reload: async (call) => void (await run(['daemon-reload'], call)),
    tryRestart: async (unit, call) =>
      void (await run(['try-restart', '--', unit], call, NO_LIMIT_MS)),
    setRuntime: async (unit, settings, call) => {
      const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
      await run(['set-property', '--runtime', '--', unit, ...assignments], call)
    },
  }
}

/** `252.39-1~deb12u2`, `v245.4-1.fc32` and `systemd 219` all begin with a number somewhere. */
export function parseVersion(text: string): number {
  const digits = /\d+/.exec(text)?.[0]
  if (digits !== undefined) return Number(digits)
  throw new RecyclerError(
    'SUPERVISOR_FAILED',
    `[systemd-adapter] systemd does not tell its version, but ${JSON.stringify(text.trim())}`,
  )
}

/** The names in the first column; before it there may be a dot that tells of a failure. */
export function parseList(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => /^\s*(?:[^\w\s]\s+)?(\S+\.service)\s/u.exec(line)?.[1] ?? [])
}

/** Blocks of `Key=value` lines, one a unit, with blank lines between them: by each of its names. */
export function parseShow(text: string): ReadonlyMap<string, Properties> {
  const units = new Map<string, Properties>()
  for (const block of text.split(/\n\n+/)) {
    const properties: Record<string, string> = {}
    for (const line of block.split('\n')) {
      const equals = line.indexOf('=')
      if (equals > 0) properties[line.slice(0, equals)] = line.slice(equals + 1)
    }
    const { Id = '', Names = '' } = properties
    for (const name of [Id, ...Names.split(' ')]) if (name !== '') units.set(name, properties)
  }
  return units
}
