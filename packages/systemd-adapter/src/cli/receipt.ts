import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import type { AppliedPlan } from '@worker-recycler/core'
import { placeOf } from '../host/place-of.ts'
import type { SystemdPlan } from '../host/plan.ts'
import type { PlannedFile } from '../host/planned-file.ts'
import { readState, removeIfEmpty, replaceFile } from '../host/replace-file.ts'
import type { HostSettings } from '../host/settings.ts'
import type { CommandContext } from './command.ts'
import { Failure } from './failure.ts'
import { jsonText } from './json-text.ts'

/** What was applied to a unit is kept, so that it can be taken back. */
export interface Receipt extends AppliedPlan {
  readonly plan: SystemdPlan
}

const DIRECTORY = 'worker-recycler/systemd'
const MODE = 0o600
const WRITABLE_BY_OTHERS = 0o022

/** Where the receipt of a unit lies: it lasts as long as the files that it tells of. */
export async function receiptPath(
  unit: string,
  settings: HostSettings,
  { values, env }: Pick<CommandContext, 'values' | 'env'>,
): Promise<string> {
  if (values.receipt !== undefined) return posix.resolve(values.receipt)
  const { scope, persistence, user } = settings
  const name = posix.join(DIRECTORY, `${unit}.json`)
  if (scope === 'system') {
    return placeOf(posix.join(persistence === 'persistent' ? '/var/lib' : '/run', name), settings)
  }
  if (persistence === 'runtime') return posix.join(user.runtime, name)
  return posix.join(env['XDG_STATE_HOME'] || posix.join(user.home, '.local/state'), name)
}

/** Writes a receipt in one step; only its owner can read it, as files may have held anything. */
export async function saveReceipt(path: string, receipt: Receipt): Promise<void> {
  await replaceFile(path, `${jsonText(receipt)}\n`, MODE)
}

/** Takes a receipt away, and the directories that were made for it. */
export async function dropReceipt(path: string): Promise<void> {
  await replaceFile(path, undefined)
  const directory = posix.dirname(path)
  if (!directory.endsWith(`/${DIRECTORY}`)) return
  await removeIfEmpty(directory)
  await removeIfEmpty(posix.dirname(directory))
}

/**
 * Reads the receipt of a unit; undefined where there is none. Throws a `Failure` for one that is no
 * receipt, is another unit's, or could have been written by somebody else: it says what to write where.
 */
export async function readReceipt(path: string, unit: string): Promise<Receipt | undefined> {
  const state = await readState(path)
  if (!state) return undefined
  const isOwn = [0, process.geteuid?.()].includes((await stat(path)).uid)
  if (!state.isRegular || !isOwn || (state.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new Failure(
      `${path} may be somebody else's: it is no proof of what was applied. Remove it`,
    )
  }
  const receipt = parse(state.text)
  if (!receipt) throw new Failure(`${path} is no receipt of \`apply\`. Remove it`)
  const { target } = receipt.plan.request
  if (target !== unit) throw new Failure(`${path} is the receipt of ${target}, not of ${unit}`)
  return receipt
}

function parse(text: string): Receipt | undefined {
  try {
    const { plan, appliedAtEpochMs } = JSON.parse(text) as Partial<Receipt>
    const isFit =
      typeof appliedAtEpochMs === 'number' &&
      typeof plan?.request.target === 'string' &&
      plan.files.every((file) => isFile(file)) &&
      plan.directories.every((path) => isPath(path))
    return isFit ? { plan, appliedAtEpochMs } : undefined
  } catch {
    return undefined
  }
}

function isFile({ path, before, after, mode, beforeMode }: PlannedFile): boolean {
  const isText = (value: unknown) => value === undefined || typeof value === 'string'
  const isMode = (value: unknown) => value === undefined || Number.isInteger(value)
  return isPath(path) && [before, after].every(isText) && [mode, beforeMode].every(isMode)
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && posix.isAbsolute(path) && posix.normalize(path) === path
}
