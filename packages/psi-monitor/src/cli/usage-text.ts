import { bytesText, percentText, type Reading } from '@worker-recycler/core'
import { optionIn } from './option-names.ts'
import { printable } from './printable.ts'

/** Memory in use against its limit, e.g. `421 MiB of 512 MiB (82.3 %)`. */
export function usageText({ usedBytes = 0, limitBytes }: Reading): string {
  const used = bytesText(usedBytes)
  if (limitBytes === undefined) return used
  return `${used} of ${bytesText(limitBytes)} (${percentText(usedBytes / limitBytes)})`
}

/** What holds a limit: a file, the host's memory, or an option of this command. */
export function holderText(limitedBy: string): string {
  return optionIn(limitedBy) ?? printable(limitedBy)
}
