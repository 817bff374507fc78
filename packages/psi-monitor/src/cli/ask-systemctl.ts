import { execFile } from 'node:child_process'
import type { CommandContext } from './command.ts'
import { Failure } from './failure.ts'
import { printable } from './printable.ts'

/** What systemd says of a unit. */
export interface UnitState {
  /** e.g. `loaded`, `not-found`. */
  readonly loadState: string
  /** e.g. `active`, `inactive`, `failed`. */
  readonly activeState: string
  /** Its path in the hierarchies of systemd; empty while it has none. */
  readonly controlGroup: string
}

const TIMEOUT_MS = 5000

/**
 * Asks systemd for a unit by systemctl(1). Without `--value`, which systemd 219 does not know. Throws
 * a `Failure` where nobody answers.
 */
export async function askSystemctl(
  unit: string,
  {
    values,
    env,
    signal,
    timeoutMs = TIMEOUT_MS,
  }: Pick<CommandContext, 'values' | 'env' | 'signal'> & { readonly timeoutMs?: number },
): Promise<UnitState> {
  const properties = ['LoadState', 'ActiveState', 'ControlGroup']
  const args = [
    ...(values.user ? ['--user'] : []),
    'show',
    ...properties.map((name) => `--property=${name}`),
    '--',
    unit,
  ]
  const text = await new Promise<string>((resolve, reject) => {
    const options = { env, signal, timeout: timeoutMs, killSignal: 'SIGKILL' } as const
    execFile('systemctl', args, options, (error, out, errors) => {
      if (error) reject(new Failure(reasonFor(error, errors, timeoutMs)))
      else resolve(out)
    })
  })
  const of = (property: string) => new RegExp(`^${property}=(.*)$`, 'm').exec(text)?.[1] ?? ''
  return {
    loadState: of('LoadState'),
    activeState: of('ActiveState'),
    controlGroup: of('ControlGroup'),
  }
}

function reasonFor(
  error: Error & { readonly code?: unknown; readonly killed?: boolean },
  errors: string,
  timeoutMs: number,
): string {
  if (error.code === 'ENOENT') {
    return 'There is no systemctl here to find the unit by: give --pid or --cgroup instead'
  }
  if (error.killed) return `systemctl did not answer within ${timeoutMs / 1000} s`
  const [sentence = ''] = errors.trim().split('\n')
  return `systemctl cannot tell: ${printable(sentence || error.message).replace(/\.$/, '')}`
}
