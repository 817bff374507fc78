import { RecyclerError } from '@worker-recycler/core'
import { HOOK_SCRIPT } from '../death/hook-script.ts'
import { SPOOL } from '../death/spool.ts'
import { expectWhole } from '../expect.ts'
import type { HookOptions, SystemdRequest } from '../host/request.ts'
import { quoteArgument } from '../unit-file/escape.ts'
import { NOTHING, type ConcernInput, type Setting, type Wanted } from './concern.ts'

const DEFAULT_PATH = '/usr/local/libexec/worker-recycler-death-record'
const DEFAULT_RECOVER_MS = 10_000
const MOST_RECOVER_MS = 3_600_000
const KILL_AFTER_SEC = 2
/** A program that others can write would be run with all rights. */
export const HOOK_MODE = 0o755

/** A hook with its defaults. */
export interface Hook extends Required<Omit<HookOptions, 'recover'>> {
  /** Empty where nothing is to be recovered. */
  readonly recover: readonly string[]
}

/** The hook of a request; undefined where none is wanted. Throws a TypeError for paths of other letters. */
export function hookOf({ hook }: SystemdRequest): Hook | undefined {
  if (!hook) return undefined
  const { path = DEFAULT_PATH, spool = SPOOL, recoverMs = DEFAULT_RECOVER_MS, recover = [] } = hook
  for (const [name, value] of Object.entries({ path, spool })) {
    if (/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.@+-]+)+$/.test(value)) continue
    throw new TypeError(
      `Expected \`hook.${name}\` to be an absolute path of letters, digits and _ . @ + - without \`..\`, got ${JSON.stringify(value)}`,
    )
  }
  expectWhole('hook.recoverMs', recoverMs, 1, MOST_RECOVER_MS)
  const [program] = recover
  if (program !== undefined && !program.startsWith('/')) {
    throw new TypeError(
      `Expected \`hook.recover\` to begin with the absolute path of a program, got ${JSON.stringify(program)}`,
    )
  }
  return { path, spool, recoverMs, recover }
}

/** The hook's program. */
export const hookText: string = HOOK_SCRIPT

/**
 * Two commands after each end of the service. The record is written with all rights (`+`), into a
 * directory that is root's; recovery then runs as the service's own user, with its `EnvironmentFile=`
 * and credentials, and for so long at most. What fails there fails nothing (`-`).
 */
export function hookSettings({ request, facts, features }: ConcernInput): Wanted {
  const hook = hookOf(request)
  if (!hook) return NOTHING
  if (!features.endIsTold) {
    const why = `systemd ${facts.version} does not tell ExecStopPost how a service ended (232): there is no hook`
    return { settings: [], dropped: [why] }
  }
  const isUser = facts.scope === 'user'
  if (isUser && (hook.path === DEFAULT_PATH || hook.spool === SPOOL)) {
    throw new RecyclerError(
      'PLAN_REFUSED',
      "[systemd-adapter] A hook of a user's service needs `hook.path` and `hook.spool` where that user may write: the defaults are root's",
    )
  }
  const { path, spool, recover, recoverMs } = hook
  const post = (value: string): Setting => ({ section: 'Service', key: 'ExecStopPost', value })
  const settings = [post(`${isUser ? '-' : '-+'}${path} %n ${spool}`)]
  if (recover.length === 0) return { settings, dropped: [] }
  const command = recover.map((argument) => quoteArgument(argument)).join(' ')
  const limit = `--kill-after=${KILL_AFTER_SEC} ${Math.ceil(recoverMs / 1000)}`
  return { settings: [...settings, post(`-/usr/bin/timeout ${limit} ${command}`)], dropped: [] }
}
