import assert from 'node:assert/strict'
import { execFile, type ExecFileOptions } from 'node:child_process'
import type { Drift } from '@worker-recycler/core'
import type {
  Explanation,
  Reverted,
  SystemdPlan,
  UnitStatus,
} from '@worker-recycler/systemd-adapter'
import type { Context } from '../../guest/context.ts'
import { PROGRAMS } from '../../guest/programs.ts'

/** How the command ended, and what it said. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Whom it runs as. Defaults to root. */
export type As = Pick<ExecFileOptions, 'uid' | 'gid' | 'env'>

/** Runs `worker-recycler-systemd` to its end, whatever its exit code. */
export function runCommand(
  { signal }: Context,
  args: readonly string[],
  as: As = {},
): Promise<Ran> {
  const words = [`${PROGRAMS}/host-command.mjs`, ...args]
  return new Promise((resolve, reject) => {
    execFile(`${PROGRAMS}/node`, words, { signal, ...as, encoding: 'utf8' }, (error, out, err) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, out, err })
      else reject(signal.aborted ? signal.reason : error)
    })
  })
}

/** What each command prints with `--json`, as far as the checks look at it. */
export interface Reports {
  readonly plan: Pick<SystemdPlan, 'files' | 'commands' | 'findings'>
  readonly apply: {
    readonly applied: boolean
    readonly plan: Reports['plan']
    readonly reloads: number
    readonly notInForce: readonly Drift[]
    readonly receipt: string
  }
  readonly revert: Reverted & { readonly left: readonly string[] }
  readonly status: {
    readonly units: readonly (UnitStatus & { readonly deaths: readonly Death[] })[]
  }
  readonly explain: readonly Explanation[]
  readonly doctor: { readonly ok: boolean; readonly findings: SystemdPlan['findings'] }
}

/** A death on record. */
interface Death {
  readonly cause: string
  readonly result: string
  readonly exitStatus: string
  readonly oomKills?: number
}

/** Runs a command with `--json`; fails when it ends with another code than the expected one. */
export async function report<Name extends keyof Reports>(
  context: Context,
  name: Name,
  args: readonly string[],
  { code = 0, ...as }: As & { readonly code?: number } = {},
): Promise<Reports[Name]> {
  const ran = await runCommand(context, [name, ...args, '--json'], as)
  const said = `${name} ${args.join(' ')}: exit code ${ran.code}, ${ran.err}${ran.out.slice(0, 4000)}`
  assert.equal(ran.code, code, said)
  return JSON.parse(ran.out) as Reports[Name]
}

/** The codes of findings, the worst first. */
export function codesOf({ findings }: { readonly findings: SystemdPlan['findings'] }): string[] {
  return findings.map(({ code }) => code)
}
