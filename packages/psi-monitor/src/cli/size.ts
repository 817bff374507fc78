import type { LimitOption } from '../options.ts'
import { Mistake } from './mistake.ts'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
}

/** Reads a limit: `512M`, `1.5G` (powers of 1024, as systemd reads them), bytes, or `80%`. */
export function limitOf(option: string, text: string): LimitOption {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  if (share !== undefined && Number(share) > 0) return `${Number(share)}%`
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text)
  const bytes = Math.floor(Number(match?.[1]) * (UNITS[match?.[2]?.toUpperCase() ?? ''] ?? 0))
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes
  throw new Mistake(`${option} takes a size such as 512M, 2G or 80%, not ${JSON.stringify(text)}`)
}
