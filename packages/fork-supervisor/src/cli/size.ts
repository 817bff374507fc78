const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
}

/**
 * Reads a size: `512M`, `1.5G`, `2g` (powers of 1024: K, M, G, T), plain bytes, or `75%` of
 * `shareBytes`. Undefined when the text is none of these.
 */
export function parseSize(text: string, shareBytes: number): number | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)
  if (percent) {
    const share = Number(percent[1]) / 100
    return share > 0 && share <= 1 ? Math.floor(share * shareBytes) : undefined
  }
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text)
  const unit = UNITS[match?.[2]?.toUpperCase() ?? '']
  const bytes = match && unit !== undefined ? Math.floor(Number(match[1]) * unit) : 0
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined
}
