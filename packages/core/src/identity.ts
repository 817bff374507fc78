import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

/** The parts of an identity: `host:pid:invocation`, the form of the GitLab fetcher's working lists. */
export interface Identity {
  readonly host: string
  readonly pid: number
  /** Lower-case hex digits; a supervisor's name for the process where it gives one. */
  readonly invocation: string
}

/** The parts of an identity that may be given; the rest is found out. */
export interface IdentityParts {
  /** Defaults to this host's name. */
  readonly host?: string
  /** Defaults to this process. */
  readonly pid?: number
  /** 6 to 64 lower-case hex digits, dashes are removed. Defaults to 12 random digits. */
  readonly invocation?: string
}

/** Names one incarnation of one worker process. Never reused. */
export function createIdentity(parts: IdentityParts = {}): string {
  const host = (parts.host ?? hostname()).replaceAll(/[^A-Za-z0-9._-]/g, '-')
  const invocation = (parts.invocation ?? randomBytes(6).toString('hex')).replaceAll('-', '')
  if (!/^[0-9a-f]{6,64}$/.test(invocation)) {
    throw new TypeError(
      `Expected \`invocation\` to be 6 to 64 lower-case hex digits, got ${JSON.stringify(parts.invocation)}`,
    )
  }
  const pid = parts.pid ?? process.pid
  if (host === '') throw new TypeError('Expected `host` to be a name, got an empty string')
  if (!Number.isInteger(pid) || pid < 1 || pid > 9_999_999_999) {
    throw new TypeError(`Expected \`pid\` to be a whole number from 1, got ${pid}`)
  }
  return `${host}:${pid}:${invocation}`
}

/** Takes an identity apart; undefined when the text is not one. */
export function parseIdentity(text: string): Identity | undefined {
  const match = /^([A-Za-z0-9._-]+):([0-9]{1,10}):([0-9a-f]{6,64})$/.exec(text)
  if (!match) return undefined
  const [, host, pid, invocation] = match
  return { host: host ?? '', pid: Number(pid), invocation: invocation ?? '' }
}
