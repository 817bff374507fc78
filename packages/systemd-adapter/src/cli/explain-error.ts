import { isRecyclerError } from '@worker-recycler/core'
import { Failure } from './failure.ts'
import { inOptions } from './option-names.ts'
import { printable } from './printable.ts'
import { NAME } from './process-output.ts'

/** What to do about an error, by its code. */
const NEXT: Readonly<Record<string, string>> = {
  NOT_PERMITTED: `run it with sudo, or with --user for services of your own; for a worker that only raises its own limits, \`${NAME} polkit-rule\` prints the rule`,
  NO_SUPERVISOR: 'for an image give --root DIR and --systemd-version N',
}

/** An error as one sentence for the operator, with what to do; one that nobody expects comes with its stack. */
export function explainError(error: unknown): string {
  if (error instanceof Failure) return error.message
  if (isRecyclerError(error)) {
    const sentence = unprefixed(error.message)
    const next = NEXT[error.code]
    return next === undefined ? sentence : `${sentence}; ${next}`
  }
  if (!(error instanceof Error)) return String(error)
  // The system's own, such as `EACCES: permission denied, mkdir '/run/worker-recycler'`.
  if ('syscall' in error && 'errno' in error) return oneLine(error.message)
  return error.stack ?? error.message
}

/** The message of an error of this package, for the operator who knows which package it is. */
function unprefixed(message: string): string {
  return inOptions(oneLine(message.replace(/^\[systemd-adapter\] /, '')).replace(/\.$/, ''))
}

/** What systemctl says may have several lines. */
const oneLine = (text: string): string => printable(text.trim().replaceAll(/\s*\n\s*/g, ' '))
