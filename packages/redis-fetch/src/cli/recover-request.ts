import { type DeathCause, parseIdentity } from '@worker-recycler/core'
import { isDeathCause } from '../layout/death-cause.ts'
import type { CommandContext } from './command.ts'
import { Mistake } from './mistake.ts'
import { hasOwnOomKill } from './own-oom-kill.ts'
import { systemdCause } from './systemd-cause.ts'

/** Whom to recover, and why it died. */
export type Whom =
  | { readonly kind: 'identity'; readonly identity: string }
  | { readonly kind: 'invocation'; readonly invocation: string }
  /** Whoever does not renew its lease. */
  | { readonly kind: 'dead' }

type Given = Pick<CommandContext, 'values' | 'env'>

/** Reads whom to recover. Throws a `Mistake` for nobody, for two, and for what is no name of a worker. */
export function readWhom({ values, env }: Given): Whom {
  const { identity, dead, 'from-systemd': fromSystemd } = values
  const invocation = values.invocation ?? (fromSystemd ? env['INVOCATION_ID'] : undefined)
  if (fromSystemd && !invocation) {
    throw new Mistake('--from-systemd: systemd has set no INVOCATION_ID')
  }
  if ([identity, invocation, dead || undefined].filter((way) => way !== undefined).length !== 1) {
    throw new Mistake('Give one of --invocation, --from-systemd, --identity and --dead')
  }
  if (dead) return { kind: 'dead' }
  if (identity !== undefined) {
    if (parseIdentity(identity)) return { kind: 'identity', identity }
    throw new Mistake(`--identity takes HOST:PID:INVOCATION, not ${JSON.stringify(identity)}`)
  }
  // A supervisor may write it as UUIDs are.
  const digits = (invocation ?? '').replaceAll('-', '').toLowerCase()
  if (/^[0-9a-f]{6,64}$/.test(digits)) return { kind: 'invocation', invocation: digits }
  throw new Mistake(`--invocation takes 6 to 64 hex digits, not ${JSON.stringify(invocation)}`)
}

/** Reads why: `--cause`, else what systemd tells, else `unknown`. */
export function readCause({ values: { cause }, env }: Given): DeathCause {
  if (cause === undefined) return systemdCause(env, hasOwnOomKill) ?? 'unknown'
  if (isDeathCause(cause)) return cause
  throw new Mistake(
    `--cause is memory, signal, crash, recycle, stop or unknown, not ${JSON.stringify(cause)}`,
  )
}
