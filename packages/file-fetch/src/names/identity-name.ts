import type { DeathCause } from '@worker-recycler/core'
import { decodeName, encodeName } from './percent.ts'

const MAX_ENCODED = 220
/** Every cause; `unknown` last, as whoever knows more has said more. */
export const CAUSES: readonly DeathCause[] = [
  'recycle',
  'stop',
  'memory',
  'signal',
  'crash',
  'unknown',
]

/** An identity as a file name: `:` becomes `~`, and what is not plain becomes `%XX`. */
export function encodeIdentity(identity: string): string {
  const encoded = identity.split(':').map(encodeName).join('~').replace(/^\./, '%2E')
  if (encoded === '' || encoded.length > MAX_ENCODED) {
    throw new TypeError(
      `Expected an identity of 1 to ${MAX_ENCODED} bytes, got ${JSON.stringify(identity.slice(0, 300))}`,
    )
  }
  return encoded
}

/** The inverse; undefined when the text is not an encoded identity. */
export function decodeIdentity(encoded: string): string | undefined {
  const identity = decodeName(encoded.replaceAll('~', ':'))
  if (identity === undefined || identity === '') return undefined
  try {
    return encodeIdentity(identity) === encoded ? identity : undefined
  } catch {
    return undefined
  }
}

/** One fenced worker, as its directory's name tells of it. */
export interface Fence {
  readonly identity: string
  readonly cause: DeathCause
  /** How many jobs it held when it was fenced; undefined until they were counted. */
  readonly held?: number
}

/** The directory's name: `host~12~ab34ef=memory`, and with `=2` once its jobs were counted. */
export function formatFence(fence: Fence): string {
  const held = fence.held === undefined ? '' : `=${fence.held}`
  return `${encodeIdentity(fence.identity)}=${fence.cause}${held}`
}

/** Reads such a name; undefined when it is none. */
export function parseFence(fileName: string): Fence | undefined {
  const match = /^([^=]+)=([a-z]+)(?:=(\d{1,7}))?$/.exec(fileName)
  const identity = decodeIdentity(match?.[1] ?? '')
  const cause = CAUSES.find((each) => each === match?.[2])
  if (!match || identity === undefined || cause === undefined) return undefined
  return {
    identity,
    cause,
    ...(match[3] === undefined ? {} : { held: Number(match[3]) }),
  }
}
