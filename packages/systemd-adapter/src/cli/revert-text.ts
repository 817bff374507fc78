import type { Reverted } from '../host/revert.ts'
import { printable } from './printable.ts'
import type { RevertAction, RevertStep } from './revert-plan.ts'
import { sectionsText } from './sections.ts'
import { aligned, type Cell } from './table.ts'

/** What is to be taken back, or was. */
export interface RevertReport {
  readonly unit: string
  readonly steps: readonly RevertStep[]
  /** What became of the files; undefined while nothing was done. */
  readonly reverted: Reverted | undefined
  /** The receipt that it goes by; undefined without one. */
  readonly receipt: string | undefined
  /** What the kernel still has although no file says so any more, in sentences. */
  readonly left: readonly string[]
}

const DONE: Readonly<Record<RevertAction, string>> = {
  restore: 'restored',
  delete: 'deleted',
  keep: 'kept',
}

const THEIRS = 'changed by somebody else: it is theirs now'
const SHARED = 'unless another unit needs it'
const NEEDED = 'another unit needs it'
const BY_HASH = [
  'There is no receipt: a file named NN-recycler-*.conf goes if the hash in its first line is that of',
  'the rest, which proves that nobody has changed it. The program of the hook stays.',
]

/** The report as people read it, with how it was decided. */
export function revertText({ unit, steps, reverted, receipt, left }: RevertReport): string {
  const lines = aligned(steps.map((step) => rowOf(step, reverted)))
  const by = `By the receipt ${printable(receipt ?? '')}: what is still as it was applied goes back.`
  return sectionsText(`${reverted ? 'Reverted' : 'Revert of'} ${unit}`, [
    { title: 'Files', lines: lines.length > 0 ? lines : ['none: nothing of ours is there'] },
    { title: 'How it is decided', lines: receipt === undefined ? BY_HASH : [by] },
    { title: 'Still in force', lines: left },
  ])
}

function rowOf({ action, path, isShared }: RevertStep, reverted: Reverted | undefined): Cell[] {
  if (!reverted) {
    const why = { restore: 'to what it was before', delete: isShared ? SHARED : '', keep: THEIRS }
    return [action, path, why[action]]
  }
  const isKept = reverted.kept.includes(path)
  if (!isKept) return [DONE[action], path, action === 'restore' ? 'to what it was before' : '']
  return [DONE.keep, path, isShared ? NEEDED : THEIRS]
}
