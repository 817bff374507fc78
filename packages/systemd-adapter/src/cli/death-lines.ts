import { bytesText } from '@worker-recycler/core'
import { printable } from './printable.ts'
import type { Death } from './status-report.ts'

/** A death on one line: when, which unit, why, and how much memory it had used at most. */
export function deathLine(death: Death): string {
  const { atEpochMs, unit, cause, result, exitCode, exitStatus, memoryPeakBytes, invocation } =
    death
  const parts = [
    new Date(atEpochMs).toISOString().replace('.000Z', 'Z'),
    unit,
    cause.padEnd(WIDEST),
    `${exitCode} ${exitStatus} (${result})`,
    ...(memoryPeakBytes === undefined ? [] : [`peak ${bytesText(memoryPeakBytes)}`]),
    `invocation ${invocation}`,
  ]
  return `${parts.map((part) => printable(part)).join('  ')}\n`
}

/** So that causes stand below each other; `unknown` and `recycle` are the longest. */
const WIDEST = 7
