import { isRecyclerError } from '@worker-recycler/core'

/** An error as one sentence for the operator; one that nobody expects comes with its stack. */
export function explainError(error: unknown): string {
  if (isRecyclerError(error)) {
    const reason = error.code === 'STORAGE_UNREACHABLE' ? reasonOf(error.cause) : ''
    return `${unprefixed(error.message)}${reason && `: ${reason}`}`
  }
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'ReplyError') return `The server refuses: ${error.message}`
  return error.stack ?? error.message
}

/** The message of an error of this package, for the operator who knows which package it is. */
export function unprefixed(message: string): string {
  return message.replace(/^\[redis-fetch\] /, '')
}

/** What lies behind: of a Cluster and of Sentinels, the last node's error. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  if ('lastNodeError' in cause && cause.lastNodeError) return reasonOf(cause.lastNodeError)
  const [, last] = /Last error: (.+)$/.exec(cause.message) ?? []
  // The error of a name with several addresses has no message of its own.
  const code = 'code' in cause ? String(cause.code) : cause.name
  return unprefixed(last ?? (cause.message || code))
}
