/** One measured number, beside its target and the peer's in the same run. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly value: number
  /** As a sentence, e.g. `<= 250`; null where there is none. */
  readonly target: string | null
  /** What it was compared with, in the same run; null where nothing can be. */
  readonly peer: string | null
  readonly peerValue: number | null
  /** `value / peerValue`. */
  readonly ratio: number | null
}

/** Makes a figure of the medians of both sides. */
export function figure(
  what: Pick<Figure, 'name' | 'unit' | 'target'>,
  ours: readonly number[],
  peer?: { readonly name: string; readonly values: readonly number[] },
): Figure {
  const value = median(ours)
  const peerValue = peer ? median(peer.values) : null
  const { name, unit, target } = what
  return {
    name,
    unit,
    value: rounded(value),
    target,
    peer: peer?.name ?? null,
    peerValue: peerValue === null ? null : rounded(peerValue),
    ratio: peerValue ? rounded(value / peerValue) : null,
  }
}

/** The middle value; of two in the middle, their mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

/** The least value that this share (0 to 1) of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Three significant digits: more would pretend to a precision that shared machines do not have. */
export const rounded = (value: number): number => Number(value.toPrecision(3))
