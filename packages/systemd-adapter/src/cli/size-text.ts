import { bytesText } from '@worker-recycler/core'

const UNIT = 1024

/** A limit as it is, never rounded: `2 GiB`, `1.5 GiB`, `2000000000 B`, `infinity`. */
export function sizeText(bytes: number): string {
  if (bytes === Infinity) return 'infinity'
  let value = bytes
  while (value >= UNIT && value < UNIT ** 6) value /= UNIT
  const isExact = Number.isInteger(value < 100 ? value * 10 : value)
  return isExact ? bytesText(bytes) : `${bytes} B`
}

/** A value as systemd was told it, in the same words where it is a number of bytes. */
export function valueText(value: string): string {
  return /^\d+$/.test(value) ? sizeText(Number(value)) : value
}
