/** When the kernel, or we, call a stall one (Documentation/accounting/psi.rst). */
export interface StallThreshold {
  /** `some`: at least one task stands still; `full`: all do. */
  readonly type: 'some' | 'full'
  readonly thresholdMs: number
  readonly windowMs: number
}

/** As the kernel wants it: microseconds, with a NUL at the end, without which it cuts the last digit. */
export function triggerBytes({ type, thresholdMs, windowMs }: StallThreshold): Uint8Array {
  const us = (ms: number) => Math.round(ms * 1000)
  return Buffer.from(`${type} ${us(thresholdMs)} ${us(windowMs)}\0`, 'latin1')
}

/** What a trigger asks for; undefined for bytes that are none, which the kernel refuses. */
export function parseTrigger(bytes: Uint8Array): StallThreshold | undefined {
  const text = Buffer.from(bytes).toString('latin1').replace(/\0.*$/s, '').trim()
  const [, type, thresholdUs, windowUs] = /^(some|full)\s+(\d+)\s+(\d+)$/.exec(text) ?? []
  if (type !== 'some' && type !== 'full') return undefined
  const thresholdMs = Number(thresholdUs) / 1000
  const windowMs = Number(windowUs) / 1000
  // The rule of `psi_trigger_create()`.
  const isStall = thresholdMs > 0 && thresholdMs <= windowMs
  return isStall ? { type, thresholdMs, windowMs } : undefined
}
